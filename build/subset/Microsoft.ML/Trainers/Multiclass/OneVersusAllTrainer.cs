using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Trains one binary model a class, which tells that class from all others.</summary>
public sealed class OneVersusAllTrainer :
    MetaMulticlassTrainer<MulticlassPredictionTransformer<OneVersusAllModelParameters>, OneVersusAllModelParameters>
{
    private readonly bool _useProbabilities;

    internal OneVersusAllTrainer(IHostEnvironment env,
        ITrainerEstimator<ISingleFeaturePredictionTransformer<IScalarModel>, IScalarModel> binaryEstimator,
        string labelColumnName, int maximumCalibrationExampleCount, bool useProbabilities)
        : base(env, "OVA", labelColumnName, binaryEstimator, maximumCalibrationExampleCount) =>
        _useProbabilities = useProbabilities;

    public override MulticlassPredictionTransformer<OneVersusAllModelParameters> Fit(IDataView input)
    {
        var (label, classes) = LabelOf(input);
        var models = new IScalarModel[classes];
        string featureColumn = null;
        using (var channel = Host.Start("Fitting"))
        {
            for (var i = 0; i < classes; i++)
            {
                channel.Info(MessageSensitivity.None, $"Training learner {i}");
                // ML.NET trains the first model once more than the others, to learn the name of the features. Trainers can tell.
                if (i == 0) featureColumn = Train(channel, i).FeatureColumnName;
                models[i] = Train(channel, i).Model;
            }
        }
        return new(Host, OneVersusAllModelParameters.Create(Host, _useProbabilities, models), input.Schema, featureColumn, LabelColumnName);

        (IScalarModel Model, string FeatureColumnName) Train(IChannel channel, int index) =>
            TrainBinary(channel, input, label, key => key == (ulong)index + 1, _useProbabilities);
    }
}
