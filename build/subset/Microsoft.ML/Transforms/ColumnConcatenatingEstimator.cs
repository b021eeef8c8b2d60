using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace Microsoft.ML.Transforms;

public sealed class ColumnConcatenatingEstimator : IEstimator<ColumnConcatenatingTransformer>
{
    private readonly string _name;
    private readonly string[] _sources;

    internal ColumnConcatenatingEstimator(string outputColumnName, string[] inputColumnNames)
    {
        Contracts.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        Contracts.CheckValue(inputColumnNames, nameof(inputColumnNames));
        Contracts.CheckParam(inputColumnNames.Length > 0, nameof(inputColumnNames), "Input columns not specified");
        Contracts.CheckParam(!inputColumnNames.Any(string.IsNullOrEmpty), nameof(inputColumnNames), "Contained some null or empty items");
        _name = outputColumnName;
        _sources = inputColumnNames;
    }

    public ColumnConcatenatingTransformer Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return new ColumnConcatenatingTransformer(_name, _sources);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        var inputs = Array.ConvertAll(_sources, name => Shapes.Find(inputSchema, name));
        var itemType = inputs[0].ItemType;
        foreach (var input in inputs)
        {
            Contracts.Check(!input.IsKey, $"Column '{input.Name}' is key. Concatenation of keys is unsupported.");
            Contracts.Check(input.ItemType.Equals(itemType),
                $"Concatenated columns should have the same type. Column '{input.Name}' has type of {input.ItemType}, "
                + $"but expected column type is {itemType}.");
        }
        var annotations = new List<SchemaShape.Column>();
        if (Array.TrueForAll(inputs, input => input.IsNormalizedColumn()))
            annotations.Add(Shapes.IsNormalized);
        if (Array.Exists(inputs, input => input.Annotations(AnnotationKinds.CategoricalSlotRanges).Any()))
            annotations.Add(Shapes.CategoricalSlotRanges);
        if (Array.Exists(inputs, input => input.Kind == VectorKind.Scalar || input.HasSlotNames()))
            annotations.Add(Shapes.SlotNames);
        var kind = Array.Exists(inputs, input => input.Kind == VectorKind.VariableVector) ? VectorKind.VariableVector : VectorKind.Vector;
        return Shapes.Add(inputSchema, [new(_name, kind, itemType, false, new SchemaShape(annotations))]);
    }
}
