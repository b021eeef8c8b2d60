using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Rows that were read for training.</summary>
/// <param name="Task">What is to be learned.</param>
/// <param name="Training">The training rows.</param>
/// <param name="Validation">The rows to measure on; null for none.</param>
/// <param name="Store">Holds the rows.</param>
/// <param name="Schema">The columns.</param>
internal sealed record TrainerRows(LinearTask Task, TrainingSet Training, TrainingSet? Validation, RowStore Store, DataViewSchema Schema)
    : IDisposable
{
    private readonly Lazy<double> _lossCurvature = new(() => LossCurvatureOf(Training, Task));
    private readonly Lazy<float[]> _bestConstant = new(() => BestConstantOf(Training, Task));
    private RowCurvature? _curvature;
    private double? _lossLimit;

    /// <summary>How strongly the rows bend the loss.</summary>
    public RowCurvature Curvature => _curvature ??= new RowCurvature(Training, _lossCurvature.Value);

    /// <summary>
    /// What the biases of an engine begin with: the best scores that are the same for every row where rows are of one scale, else zeros.
    /// </summary>
    public ReadOnlySpan<float> InitialScores => Training.Standardization is null ? new float[Task.OutputCount] : _bestConstant.Value;

    /// <summary>The loss of a minibatch beyond which training that began so has diverged.</summary>
    public double LossLimit => _lossLimit ??= DivergenceLimit.Of(Training, Task.Loss, InitialScores);

    /// <summary>What a model of an engine has to itself.</summary>
    /// <param name="options">The options of its trainer.</param>
    public ModelSettings SettingsFor(LinearTrainerOptions options)
    {
        // As much as one row tells.
        var l2 = options.L2Regularization
            ?? (Training.Standardization is null ? 0 : Task.Loss.Information(_bestConstant.Value) / Training.RowCount);
        return new ModelSettings(options.Optimizer, options.L1Regularization, l2, options.GradientClipping);
    }

    /// <summary>Converts weights for the original features and labels to the scale of the rows.</summary>
    public LinearWeights Scaled(LinearWeights weights) => Training.Standardization is { } standardization
        ? StandardizedEngine.Scaled(weights, standardization, Task.Loss.TrainingScale) : weights;

    public void Dispose() => Store.Dispose();

    private static double LossCurvatureOf(TrainingSet rows, LinearTask task)
    {
        var (labels, weights) = rows.LabelsAndWeights();
        return task.Loss.Curvature(labels, weights);
    }

    private static float[] BestConstantOf(TrainingSet rows, LinearTask task)
    {
        var (labels, weights) = rows.LabelsAndWeights();
        var scores = new float[task.OutputCount];
        task.Loss.FindBestConstant(labels, weights, scores);
        return scores;
    }
}
