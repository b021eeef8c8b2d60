using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace Microsoft.ML.Transforms;

public sealed class KeyToVectorMappingEstimator : TrivialEstimator<KeyToVectorMappingTransformer>
{
    internal KeyToVectorMappingEstimator((string OutputColumnName, string InputColumnName)[] columns, bool outputCountVector)
        : base(new KeyToVectorMappingTransformer(columns, outputCountVector))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        Shapes.Add(inputSchema, Transformer.ColumnPairs, (output, input) =>
        {
            if (!input.IsKey)
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", input.Name);
            var counts = Transformer.OutputCountVector;
            var isVariable = input.Kind == VectorKind.VariableVector;
            var annotations = new List<SchemaShape.Column>();
            if ((counts || !isVariable) && input.Annotations(AnnotationKinds.KeyValues).Any(values => values.ItemType is TextDataViewType))
                annotations.Add(Shapes.SlotNames);
            if (!counts && !isVariable)
                annotations.Add(Shapes.CategoricalSlotRanges);
            if (!counts || input.Kind == VectorKind.Scalar)
                annotations.Add(Shapes.IsNormalized);
            return new(output, isVariable && !counts ? VectorKind.VariableVector : VectorKind.Vector, NumberDataViewType.Single, false,
                new SchemaShape(annotations));
        });
}
