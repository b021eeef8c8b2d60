using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>
/// Writes a configuration as one line of text: its type, and the properties that differ from their defaults, such as <c>Adam { Beta1 = 0.8,
/// WeightDecay = 0.01 }</c>. The text is the same in every culture.
/// </summary>
internal static class PropertyText
{
    /// <summary>Returns the text of an object.</summary>
    /// <param name="value">The object. Its type has a constructor without parameters, which sets the defaults.</param>
    public static string Of(object value)
    {
        var defaults = Activator.CreateInstance(value.GetType(), nonPublic: true);
        string[] told =
        [
            .. from property in value.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public)
               let own = property.GetValue(value)
               where !Equals(own, property.GetValue(defaults))
               select $"{property.Name} = {Text(own)}",
        ];
        return told.Length == 0 ? Name(value.GetType()) : $"{Name(value.GetType())} {{ {string.Join(", ", told)} }}";
    }

    /// <summary>Returns the name of a type with the names of its declaring types, without type arguments.</summary>
    public static string Name(Type type)
    {
        var name = type.Name.Split('`')[0];
        return type.DeclaringType is { } outer ? $"{Name(outer)}.{name}" : name;
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        string text => VisibleText.Of(text.ReplaceLineEndings(" ")),
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Text))}]",
        // The type does not override ToString, which then returns the full name of the type.
        _ when value.GetType().GetMethod(nameof(ToString), Type.EmptyTypes)!.DeclaringType is { } teller
            && (teller == typeof(object) || teller == typeof(ValueType)) => Name(value.GetType()),
        _ => value.ToString()!.ReplaceLineEndings(" "),
    };
}
