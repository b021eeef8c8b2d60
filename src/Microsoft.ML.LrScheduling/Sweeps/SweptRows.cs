using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Rows that were read once, as trials with losses of their own see them.</summary>
/// <param name="read">The rows.</param>
internal sealed class SweptRows(TrainerRows read) : IDisposable
{
    private readonly Dictionary<Loss, TrainerRows> _byLoss = [];

    /// <summary>The training rows.</summary>
    public TrainingSet Training => read.Training;

    /// <summary>The rows to measure on; null for none.</summary>
    public TrainingSet? Validation => read.Validation;

    /// <summary>What the rows were read as.</summary>
    public TrainerRows Read => read;

    /// <summary>The rows as a trainer sees them.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="others">Further rows that it is to be measured on.</param>
    /// <exception cref="InvalidOperationException">A label cannot be trained on with its loss.</exception>
    public TrainerRows For(ISweptTrainer trainer, params ReadOnlySpan<TrainingSet?> others)
    {
        var loss = trainer.Options.TrainingLoss;
        if (_byLoss.TryGetValue(loss, out var known)) return known;
        var rows = trainer.RowsFor(read);
        foreach (var set in new[] { rows.Training, rows.Validation }.Concat(others.ToArray()).OfType<TrainingSet>())
            for (var row = 0; row < set.RowCount; row++)
                rows.Task.CheckLabel(set.Label(row));
        return _byLoss[loss] = rows;
    }

    public void Dispose() => read.Dispose();
}
