using System.ComponentModel;
using System.Globalization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Converts text to schedules and back, for configuration binders and designers.</summary>
internal sealed class LrScheduleTypeConverter : TypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    /// <inheritdoc/>
    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? LrSchedule.Parse(text, CultureInfo.InvariantCulture) : base.ConvertFrom(context, culture, value);
}
