using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>
/// Lets a configuration binder convert the JSON name of an optimizer or a loss, such as <c>Adam</c>, to an object with default settings. It
/// throws an exception for any other text, which a binder would otherwise ignore without an error.
/// </summary>
/// <param name="type">The base type, such as the type of all optimizers.</param>
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
