using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace Microsoft.ML.Transforms;

public sealed class FeatureContributionCalculatingEstimator : TrivialEstimator<FeatureContributionCalculatingTransformer>
{
    internal FeatureContributionCalculatingEstimator(
        ICalculateFeatureContribution model, string featureColumnName, int top, int bottom, bool normalize)
        : base(new FeatureContributionCalculatingTransformer(model, featureColumnName, top, bottom, normalize))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        Shapes.Add(inputSchema, Transformer.ColumnPairs, (output, features) =>
        {
            if (features.ItemType != NumberDataViewType.Single || features.Kind != VectorKind.Vector)
                throw Contracts.ExceptSchemaMismatch(
                    nameof(inputSchema), "column", features.Name, "known-size vector of Single", features.GetTypeString());
            return new(output, features.Kind, features.ItemType, false, new SchemaShape(features.Annotations(AnnotationKinds.SlotNames)));
        });
}
