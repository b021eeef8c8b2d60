using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>
/// A configuration as a line of text: its type, and the properties that are not at their defaults, such as
/// <c>Adam { Beta1 = 0.8, WeightDecay = 0.01 }</c>; the same in every culture.
/// </summary>
internal static class PropertyText
{
    /// <summary>The text of an object.</summary>
    /// <param name="value">An object whose type has a constructor without parameters, which sets the defaults.</param>
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

    /// <summary>The name of a type, with those of the types around it, without type arguments.</summary>
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
        // A type that says no more of its objects than its own name.
        _ when value.GetType().GetMethod(nameof(ToString), Type.EmptyTypes)!.DeclaringType is { } teller
            && (teller == typeof(object) || teller == typeof(ValueType)) => Name(value.GetType()),
        _ => value.ToString()!.ReplaceLineEndings(" "),
    };
}
