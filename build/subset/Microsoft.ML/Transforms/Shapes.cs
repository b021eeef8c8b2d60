using Microsoft.ML.Runtime;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace Microsoft.ML.Data;

/// <summary>What estimators say about schemas before they see data.</summary>
internal static class Shapes
{
    internal static SchemaShape.Column SlotNames { get; } =
        new(AnnotationKinds.SlotNames, VectorKind.Vector, TextDataViewType.Instance, false);

    internal static SchemaShape.Column IsNormalized { get; } =
        new(AnnotationKinds.IsNormalized, VectorKind.Scalar, BooleanDataViewType.Instance, false);

    internal static SchemaShape.Column CategoricalSlotRanges { get; } =
        new(AnnotationKinds.CategoricalSlotRanges, VectorKind.Vector, NumberDataViewType.Int32, false);

    internal static SchemaShape.Column Find(SchemaShape inputSchema, string name) =>
        inputSchema.TryFindColumn(name, out var column) ? column : throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", name);

    /// <summary>The input's columns with one output column for each pair, which replaces a column of its name.</summary>
    internal static SchemaShape Add(SchemaShape inputSchema, IEnumerable<(string OutputColumnName, string InputColumnName)> pairs,
        Func<string, SchemaShape.Column, SchemaShape.Column> output)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return Add(inputSchema, pairs.Select(pair => output(pair.OutputColumnName, Find(inputSchema, pair.InputColumnName))));
    }

    internal static SchemaShape Add(SchemaShape inputSchema, IEnumerable<SchemaShape.Column> outputs)
    {
        var columns = inputSchema.ToList();
        foreach (var output in outputs)
        {
            var index = columns.FindIndex(column => column.Name == output.Name);
            if (index < 0)
                columns.Add(output);
            else
                columns[index] = output;
        }
        return new SchemaShape(columns);
    }

    /// <summary>The annotations of a column that have one of the names.</summary>
    internal static IEnumerable<SchemaShape.Column> Annotations(this SchemaShape.Column column, params string[] kinds) =>
        column.Annotations.Where(annotation => kinds.Contains(annotation.Name));

    internal static bool HasSlotNames(this SchemaShape.Column column) =>
        column.Kind == VectorKind.Vector && column.Annotations.TryFindColumn(AnnotationKinds.SlotNames, out var names)
        && names.Kind == VectorKind.Vector && names.ItemType is TextDataViewType;

    internal static bool IsNormalizedColumn(this SchemaShape.Column column) =>
        column.Annotations.TryFindColumn(AnnotationKinds.IsNormalized, out var normalized)
        && normalized.Kind == VectorKind.Scalar && normalized.ItemType is BooleanDataViewType;
}
