using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>The rows of a trainer, after they have been read.</summary>
/// <param name="Task">The task.</param>
/// <param name="Training">The training rows.</param>
/// <param name="Validation">The validation rows; null for none.</param>
/// <param name="Store">The store of the rows. This object disposes it.</param>
/// <param name="Schema">The columns.</param>
internal sealed record TrainerRows(LinearTask Task, TrainingSet Training, TrainingSet? Validation, RowStore Store, DataViewSchema Schema)
    : IDisposable
{
    private readonly Lazy<double> _lossCurvature = new(() => LossCurvatureOf(Training, Task));
    private readonly Lazy<float[]> _bestConstant = new(() => BestConstantOf(Training, Task));
    private RowCurvature? _curvature;
    private double? _lossLimit;

    /// <summary>The curvature of the loss over the training rows.</summary>
    public RowCurvature Curvature => _curvature ??= new RowCurvature(Training, _lossCurvature.Value);

    /// <summary>
    /// The initial biases of an engine: the best constant scores if the rows are standardized, otherwise zeros.
    /// </summary>
    public ReadOnlySpan<float> InitialScores => Training.Standardization is null ? new float[Task.OutputCount] : _bestConstant.Value;

    /// <summary>The loss of a minibatch above which training from these initial scores has diverged.</summary>
    public double LossLimit => _lossLimit ??= DivergenceLimit.Of(Training, Task.Loss, InitialScores);

    /// <summary>Returns the settings of a model for an engine.</summary>
    /// <param name="options">The options of the model's trainer.</param>
    public ModelSettings SettingsFor(LinearTrainerOptions options)
    {
        // The default penalty has the information of one row: see LinearTrainerOptions.L2Regularization.
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
