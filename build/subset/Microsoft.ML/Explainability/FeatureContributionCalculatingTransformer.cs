using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Transforms;

/// <summary>Adds the column <c>FeatureContributions</c>: what each feature adds to a model's score, of the largest ones.</summary>
public sealed class FeatureContributionCalculatingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "FeatureContribution";

    private readonly IFeatureContributionMapper _model;
    private readonly int _top, _bottom;
    private readonly bool _normalize;

    internal FeatureContributionCalculatingTransformer(
        ICalculateFeatureContribution modelParameters, string featureColumnName, int top, int bottom, bool normalize)
        : base((DefaultColumnNames.FeatureContributions, featureColumnName))
    {
        Contracts.CheckValue(modelParameters, nameof(modelParameters));
        Contracts.Check(top >= 0, "Number of top contribution must be non negative");
        Contracts.Check(bottom >= 0, "Number of bottom contribution must be non negative");
        _model = modelParameters.FeatureContributionCalculator.ContributionMapper;
        _top = top;
        _bottom = bottom;
        _normalize = normalize;
    }

    private protected override MappedColumn MapColumn(int index, DataViewSchema.Column input)
    {
        if (input.Type is not VectorDataViewType type || type.ItemType != NumberDataViewType.Single)
            throw Contracts.ExceptSchemaMismatch("schema", "feature", input.Name, "vector of Single", input.Type.ToString());
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(input.Annotations, kind => kind == AnnotationKinds.SlotNames);
        var output = new VectorDataViewType(NumberDataViewType.Single, type.Size);
        return new(new(ColumnPairs[index].OutputColumnName, output, annotations.ToAnnotations()), [input.Index], row => Getter(row, input));
    }

    private ValueGetter<VBuffer<float>> Getter(DataViewRow row, DataViewSchema.Column features)
    {
        var getFeatures = row.GetGetter<VBuffer<float>>(features);
        var buffer = default(VBuffer<float>);
        var contributions = new List<FeatureContribution>();
        return (ref VBuffer<float> destination) =>
        {
            getFeatures(ref buffer);
            contributions.Clear();
            _model.GetFeatureContributions(in buffer, contributions);
            LargestContributions.Write(contributions, _top, _bottom, _normalize, buffer.Length, ref destination);
        };
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        ctx.Writer.Write(ColumnPairs[0].InputColumnName);
        ctx.Writer.Write(_top);
        ctx.Writer.Write(_bottom);
        ctx.Writer.Write(_normalize);
        ctx.SaveModel(_model, "Predictor");
    }

    internal static FeatureContributionCalculatingTransformer Load(ModelLoadContext ctx)
    {
        var featureColumnName = ctx.Reader.ReadString();
        var (top, bottom, normalize) = (ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32(), ctx.Reader.ReadBoolean());
        return new(ctx.LoadModel<ICalculateFeatureContribution>("Predictor"), featureColumnName, top, bottom, normalize);
    }
}
