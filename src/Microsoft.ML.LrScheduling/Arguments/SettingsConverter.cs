using System.ComponentModel;
using System.Globalization;

namespace Microsoft.ML.LrScheduling.Arguments;

/// <summary>
/// Makes a configuration binder throw an exception if it finds text instead of a section with settings. Otherwise it would ignore the text
/// without an error.
/// </summary>
/// <param name="type">The type of the settings.</param>
internal sealed class SettingsConverter(Type type) : TypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    /// <inheritdoc/>
    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) => value is string text
        ? throw new FormatException($"{type.Name} must be a section with settings of its own. Received: {text}")
        : base.ConvertFrom(context, culture, value);
}
