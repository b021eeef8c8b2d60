using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Adds to ML.NET's messages about columns of a wrong type the transform that converts the column.</summary>
/// <param name="options">The options of the trainer.</param>
/// <param name="schemaPeer">ML.NET's own trainer of the task over the same columns, which knows their types and messages.</param>
/// <param name="labelAdvice">The transform that converts a column of another type to a label of the task.</param>
internal sealed class ColumnAdvice(
    LinearTrainerOptions options, IEstimator<ITransformer> schemaPeer, Func<SchemaShape.Column, string> labelAdvice)
{
    /// <summary>The schema of the transformer's output.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a wrong type.</exception>
    public SchemaShape OutputOf(SchemaShape inputSchema)
    {
        try
        {
            return schemaPeer.GetOutputSchema(inputSchema);
        }
        catch (ArgumentOutOfRangeException e) when (
            inputSchema.Where(column => column.Name == options.LabelColumnName).ToArray()
                is [{ Kind: SchemaShape.Column.VectorKind.Scalar } label]
            && e.Message.StartsWith("Schema mismatch for label column", StringComparison.Ordinal))
        {
            var message = e.Message.Split(" (Parameter")[0];
            throw new ArgumentOutOfRangeException(e.ParamName, $"{message}. Put {labelAdvice(label)} before the trainer.");
        }
        catch (ArgumentOutOfRangeException e) when (
            inputSchema.Where(column => column.Name == options.FeatureColumnName).ToArray() is [{ ItemType: NumberDataViewType } features]
            && ForFeatures(features) is not null
            && e.Message.StartsWith("Schema mismatch for feature column", StringComparison.Ordinal))
        {
            var message = e.Message.Split(" (Parameter")[0];
            throw new ArgumentOutOfRangeException(e.ParamName, $"{message}. Put {ForFeatures(features)} before the trainer.");
        }
    }

    /// <summary>The transform that converts a label to a type.</summary>
    public static string ConvertLabel(SchemaShape.Column label, DataKind kind) => "mlContext.Transforms.Conversion."
        + (label.IsKey ? $"MapKeyToValue(\"{label.Name}\")" : $"ConvertType(\"{label.Name}\", outputKind: DataKind.{kind})");

    /// <summary>The transforms that make a feature column of a number column; null if none is needed.</summary>
    private static string? ForFeatures(SchemaShape.Column features)
    {
        string[] steps =
        [
            .. features.ItemType == NumberDataViewType.Single ? Array.Empty<string>()
                : [$"mlContext.Transforms.Conversion.ConvertType(\"{features.Name}\", outputKind: DataKind.Single)"],
            .. features.Kind != SchemaShape.Column.VectorKind.Scalar ? Array.Empty<string>()
                : [$"mlContext.Transforms.Concatenate(\"Features\", \"{features.Name}\")"],
        ];
        return steps.Length == 0 ? null : string.Join(" and ", steps);
    }
}
