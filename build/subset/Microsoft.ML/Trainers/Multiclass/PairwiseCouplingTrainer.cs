using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Trains one binary model a pair of classes, a class with itself included, which tells rows of either from all others.</summary>
public sealed class PairwiseCouplingTrainer :
    MetaMulticlassTrainer<MulticlassPredictionTransformer<PairwiseCouplingModelParameters>, PairwiseCouplingModelParameters>
{
    internal PairwiseCouplingTrainer(IHostEnvironment env,
        ITrainerEstimator<ISingleFeaturePredictionTransformer<IScalarModel>, IScalarModel> binaryEstimator,
        string labelColumnName, int maximumCalibrationExampleCount)
        : base(env, "PKPD", labelColumnName, binaryEstimator, maximumCalibrationExampleCount) { }

    public override MulticlassPredictionTransformer<PairwiseCouplingModelParameters> Fit(IDataView input)
    {
        var (label, classes) = LabelOf(input);
        var models = new List<IScalarModel>();
        string featureColumn = null;
        using (var channel = Host.Start("Fitting"))
        {
            foreach (var (i, j) in PairwiseCouplingModelParameters.PairsOf(classes))
            {
                channel.Info(MessageSensitivity.None, $"Training learner ({i},{j})");
                // ML.NET trains the first model once more than the others, to learn the name of the features. Trainers can tell.
                if (featureColumn is null) featureColumn = Train(channel, i, j).FeatureColumnName;
                models.Add(Train(channel, i, j).Model);
            }
        }
        return new(Host, new PairwiseCouplingModelParameters(Host, classes, [.. models]), input.Schema, featureColumn, LabelColumnName);

        (IScalarModel Model, string FeatureColumnName) Train(IChannel channel, int i, int j) =>
            TrainBinary(channel, input, label, key => key == (ulong)i + 1 || key == (ulong)j + 1, isCalibrated: true);
    }
}
