using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>One of the three tasks, for what must hold of all of them.</summary>
public sealed class TaskCase
{
    private readonly Func<LinearTrainerOptions> _newOptions;
    private readonly Func<MLContext, LinearTrainerOptions, IEstimator<ITransformer>> _trainer;
    private readonly Func<MLContext, IEstimator<ITransformer>> _peer;

    private TaskCase(
        string label,
        Func<LinearTrainerOptions> newOptions,
        Func<MLContext, LinearTrainerOptions, IEstimator<ITransformer>> trainer,
        Func<MLContext, IEstimator<ITransformer>> peer) => (Label, _newOptions, _trainer, _peer) = (label, newOptions, trainer, peer);

    public static IEnumerable<object[]> All { get; } =
    [
        [new TaskCase("Number", () => new TorchLinearRegressionTrainer.Options(),
            (ml, options) => ml.Regression.Trainers.TorchLinearRegression((TorchLinearRegressionTrainer.Options)options),
            ml => ml.Regression.Trainers.Sdca("Number"))],
        [new TaskCase("Truth", () => new TorchLogisticRegressionTrainer.Options(),
            (ml, options) => ml.BinaryClassification.Trainers.TorchLogisticRegression((TorchLogisticRegressionTrainer.Options)options),
            ml => ml.BinaryClassification.Trainers.SdcaLogisticRegression("Truth"))],
        [new TaskCase("Class", () => new TorchMaximumEntropyTrainer.Options(),
            (ml, options) => ml.MulticlassClassification.Trainers.TorchMaximumEntropy((TorchMaximumEntropyTrainer.Options)options),
            ml => ml.MulticlassClassification.Trainers.SdcaMaximumEntropy("Class"))],
    ];

    public string Label { get; }

    /// <summary>What is measured over validation rows beside the loss.</summary>
    public IReadOnlyList<Metric> Metrics => Label switch
    {
        "Number" => [Metric.RootMeanSquaredError, Metric.MeanAbsoluteError, Metric.RSquared],
        "Truth" => [Metric.LogLoss, Metric.AreaUnderRocCurve, Metric.Accuracy, Metric.F1Score],
        _ => [Metric.LogLoss, Metric.MicroAccuracy, Metric.MacroAccuracy],
    };

    /// <summary>The <see cref="Metrics"/> of regressions.</summary>
    public static IReadOnlyList<Metric> RegressionMetrics => ((TaskCase)All.First()[0]).Metrics;

    public override string ToString() => Label;

    /// <summary>ML.NET's own trainer of the task.</summary>
    public IEstimator<ITransformer> Peer(MLContext mlContext) => _peer(mlContext);

    /// <summary>Our trainer of the task.</summary>
    public IEstimator<ITransformer> Trainer(MLContext mlContext, Action<LinearTrainerOptions>? configure = null)
    {
        var options = _newOptions();
        (options.LabelColumnName, options.Seed, options.LearningRate) = (Label, 1, 0.05);
        configure?.Invoke(options);
        return _trainer(mlContext, options);
    }

    /// <summary>What training gives: the transformer, its weights and its history.</summary>
    public (ITransformer Transformer, float[] Weights, TrainingHistory History) Fit(
        MLContext mlContext, IDataView data, Action<LinearTrainerOptions>? configure = null, IDataView? validation = null)
    {
        var trainer = Trainer(mlContext, configure);
        ITransformer transformer = (trainer, validation) switch
        {
            (TorchLinearRegressionTrainer regression, { } rows) => regression.Fit(data, rows),
            (TorchLogisticRegressionTrainer binary, { } rows) => binary.Fit(data, rows),
            (TorchMaximumEntropyTrainer multiclass, { } rows) => multiclass.Fit(data, rows),
            _ => trainer.Fit(data),
        };
        var (weights, history) = Parts(transformer);
        return (transformer, [.. weights.Weights, .. weights.Biases], history);
    }

    /// <summary>Trains from the weights of another model of ours or of ML.NET's.</summary>
    public (float[] Weights, TrainingHistory History) FitFrom(
        MLContext mlContext, IDataView data, ITransformer initial, Action<LinearTrainerOptions>? configure = null)
    {
        var (weights, history) = Parts((Trainer(mlContext, configure), initial) switch
        {
            (TorchLinearRegressionTrainer trainer, TorchLinearRegressionTransformer model) => trainer.Fit(data, null, model.Model),
            (TorchLogisticRegressionTrainer trainer, TorchLogisticRegressionTransformer model) => trainer.Fit(data, null, model.Model),
            (TorchMaximumEntropyTrainer trainer, TorchMaximumEntropyTransformer model) =>
                (ITransformer)trainer.Fit(data, null, model.Model),
            var other => throw new ArgumentException($"{other}"),
        });
        return ([.. weights.Weights, .. weights.Biases], history);
    }

    /// <summary>Rows with a label for each task: of four features three count.</summary>
    internal static IDataView Rows(MLContext mlContext, int count, int seed = 5) => mlContext.Data.LoadFromEnumerable(Points(count, seed));

    internal static IEnumerable<TaskRow> Points(int count, int seed = 5)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var x = Enumerable.Range(0, 4).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray();
            var score = 1.5f * x[0] - x[1] + 0.5f * x[2] + 0.2f + (float)(random.NextDouble() - 0.5) * 0.4f;
            yield return new TaskRow
            {
                Features = x,
                Number = score,
                Truth = score > 0,
                Class = score > 0.6f ? 2u : score < -0.4f ? 0u : 1u,
                Weight = 1 + i % 3,
            };
        }
    }

    private static (LinearWeights Weights, TrainingHistory History) Parts(ITransformer transformer) => transformer switch
    {
        TorchLinearRegressionTransformer regression => (ModelWeights.Of(regression.Model), regression.History),
        TorchLogisticRegressionTransformer binary => (ModelWeights.Of(binary.Model.SubModel), binary.History),
        TorchMaximumEntropyTransformer multiclass => (ModelWeights.Of(multiclass.Model), multiclass.History),
        var other => throw new ArgumentException($"{other}"),
    };
}

internal sealed class TaskRow
{
    public float Number { get; set; }

    public bool Truth { get; set; }

    [KeyType(3)]
    public uint Class { get; set; }

    public float Weight { get; set; }

    [VectorType(4)]
    public float[] Features { get; set; } = [];
}
