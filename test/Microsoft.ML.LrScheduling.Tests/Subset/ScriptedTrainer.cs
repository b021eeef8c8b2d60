using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>A trainer of two classes whose models are given; it remembers the labels that it was to train on.</summary>
internal sealed class ScriptedTrainer<TModel>(MLContext ml, Func<bool[], TModel> train, bool needsNormalization = true) :
    ITrainerEstimator<BinaryPredictionTransformer<TModel>, TModel>
    where TModel : class
{
    private readonly BuiltInModels _models = new(ml);

    /// <summary>The labels of each call of Fit, in order.</summary>
    internal List<bool[]> Seen { get; } = [];

    public TrainerInfo Info { get; } = BuiltInModels.Info(needsNormalization);

    public BinaryPredictionTransformer<TModel> Fit(IDataView input)
    {
        var labels = input.GetColumn<bool>("Label").ToArray();
        Seen.Add(labels);
        return _models.BinaryTransformer(input.Schema, train(labels));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        ml.BinaryClassification.Trainers.SdcaLogisticRegression().GetOutputSchema(inputSchema);
}
