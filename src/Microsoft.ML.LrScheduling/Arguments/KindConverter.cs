using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>
/// Makes a kind of an optimizer or a loss, with its defaults, of its name in JSON: for configuration binders. Other text is refused, which
/// a binder would otherwise leave out without a word.
/// </summary>
/// <param name="type">The type of all kinds.</param>
internal sealed class KindConverter(Type type) : TypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    /// <inheritdoc/>
    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value)
    {
        if (value is not string text) return base.ConvertFrom(context, culture, value);
        var kinds = type.GetCustomAttributes<JsonDerivedTypeAttribute>().ToArray();
        var named = kinds.FirstOrDefault(
            kind => text.Trim().Equals((string?)kind.TypeDiscriminator, StringComparison.OrdinalIgnoreCase));
        return named is { } found
            ? Activator.CreateInstance(found.DerivedType)
            : throw new FormatException($"{type.Name} must be one of {string.Join(", ", kinds.Select(kind => kind.TypeDiscriminator))}. "
                + $"Received: {text}");
    }
}
