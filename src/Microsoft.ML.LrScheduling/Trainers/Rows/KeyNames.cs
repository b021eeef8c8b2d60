using System.Globalization;
using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// The names of the values in a key column. The number of a value depends on the order in which <c>MapValueToKey</c> found the values; its
/// name does not.
/// </summary>
internal sealed class KeyNames
{
    private const string KeyValues = "KeyValues";
    private const int MostTold = 10;

    private static readonly MethodInfo Generic = typeof(KeyNames).GetMethod(nameof(Read), BindingFlags.Static | BindingFlags.NonPublic)!;

    private readonly string[] _names;
    private readonly Dictionary<string, int> _numbers = [];

    /// <param name="names">The names in the order of the numbers, from 0.</param>
    public KeyNames(string[] names)
    {
        _names = names;
        for (var i = 0; i < names.Length; i++) _numbers.TryAdd(names[i], i);
    }

    /// <summary>The names in the order of the numbers.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Returns the names of a column; null if the column does not exist, is not a key, or has no names.</summary>
    public static KeyNames? Of(DataViewSchema.Column? column) =>
        column is { Type: KeyDataViewType { Count: var count } } key
            && key.Annotations.Schema.GetColumnOrNull(KeyValues) is { Type: VectorDataViewType { ItemType: var item, Size: var size } }
            && (ulong)size == count
            ? new KeyNames((string[])Generic.MakeGenericMethod(item.RawType).Invoke(null, [key.Annotations])!)
            : null;

    /// <summary>Returns the number of a name; null if there is no such name.</summary>
    public int? NumberOf(string name) => _numbers.TryGetValue(name, out var number) ? number : null;

    /// <summary>Whether both have the same names in the same order.</summary>
    public bool IsSameAs(KeyNames other) => _names.AsSpan().SequenceEqual(other._names);

    /// <summary>Returns the names in quotes. If there are many, only the first ones.</summary>
    public override string ToString() =>
        string.Join(", ", _names.Take(MostTold).Select(name => $"'{VisibleText.Of(name)}'")) + (_names.Length > MostTold ? ", …" : "");

    private static string[] Read<T>(DataViewSchema.Annotations annotations)
    {
        var values = default(VBuffer<T>);
        annotations.GetValue(KeyValues, ref values);
        return [.. values.DenseValues().Select(value => value is DateTime or DateTimeOffset
            // This format has the full precision of a date.
            ? string.Create(CultureInfo.InvariantCulture, $"{value:O}")
            : string.Create(CultureInfo.InvariantCulture, $"{value}"))];
    }
}
