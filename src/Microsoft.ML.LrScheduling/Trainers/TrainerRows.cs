using Microsoft.ML.LrScheduling.Data;
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
    private double? _lossLimit;

    /// <summary>The loss of a minibatch beyond which training that began with weights of zero has diverged.</summary>
    public double LossLimit => _lossLimit ??= DivergenceLimit.Of(Training, Task.Loss, initial: null);

    public void Dispose() => Store.Dispose();
}
