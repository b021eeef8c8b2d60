using System.ComponentModel;
using System.Globalization;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Converts the name of a folder to <see cref="Checkpoints"/>, for configuration binders.</summary>
internal sealed class CheckpointsTypeConverter : TypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    /// <inheritdoc/>
    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string folder ? new Checkpoints { Folder = folder } : base.ConvertFrom(context, culture, value);
}
