using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Watches a metric after each epoch, and keeps the weights of the best epoch.</summary>
/// <param name="metric">The metric.</param>
/// <param name="rule">The rule that ends training early; null if the metric does not end training.</param>
internal sealed class BestEpoch(Metric metric, EarlyStopping? rule)
{
    private double _best;
    private int _epochsSince;

    /// <summary>
    /// Creates the watcher that a plan needs: for early stopping, or for the best model so far if training is cancelled. Null if it needs
    /// none.
    /// </summary>
    public static BestEpoch? For(TrainingPlan plan) => plan switch
    {
        { EarlyStopping: { } rule } => new BestEpoch(rule.Metric!.Value, rule),
        { Cancellation.BestBy: { } metric } => new BestEpoch(metric, rule: null),
        _ => null,
    };

    /// <summary>The best epoch so far, from 1; null before there is one.</summary>
    public int? Epoch { get; private set; }

    /// <summary>The weights after the best epoch; null before there is one.</summary>
    public LinearWeights? Weights { get; private set; }

    /// <summary>Whether the final model has the best weights, even if training completes all epochs.</summary>
    public bool IsRestored => rule is { RestoreBestWeights: true };

    /// <summary>Whether early stopping ends training.</summary>
    public bool IsOver => rule is not null && _epochsSince >= rule.Patience;

    /// <summary>Compares an epoch with the best one so far.</summary>
    public void See(EpochRecord record, LinearWeights weights)
    {
        if (record[metric] is not { } value || !double.IsFinite(value) || !IsBetter(value))
        {
            _epochsSince++;
            return;
        }

        (_best, Epoch, _epochsSince, Weights) = (value, record.Epoch, 0, weights);
    }

    /// <summary>Writes the state.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(_best);
        writer.Write(_epochsSince);
        writer.Write(Epoch ?? 0);
        writer.Write(Weights is not null);
        Weights?.Save(writer);
    }

    /// <summary>Reads the state that <see cref="Save"/> wrote.</summary>
    /// <param name="reader">The reader of the state.</param>
    /// <param name="like">Weights of the same shape.</param>
    public void Load(BinaryReader reader, LinearWeights like)
    {
        (_best, _epochsSince) = (reader.ReadDouble(), reader.ReadInt32());
        Epoch = reader.ReadInt32() is > 0 and var epoch ? epoch : null;
        Weights = reader.ReadBoolean() ? LinearWeights.Load(reader, like) : null;
        if (Epoch is null != Weights is null) throw new InvalidDataException("the best epoch must have weights.");
    }

    /// <summary>Returns the best epoch in the state that <see cref="Save"/> wrote; null if there is none.</summary>
    public static int? EpochOf(ImmutableArray<byte> saved)
    {
        if (saved.IsEmpty) return null;
        using var reader = TrainingState.Reader(saved);
        reader.ReadDouble();
        reader.ReadInt32();
        return reader.ReadInt32() is > 0 and var epoch ? epoch : null;
    }

    private bool IsBetter(double value)
    {
        var change = rule?.MinimumChange ?? 0;
        return Epoch is null || (metric.HigherIsBetter() ? value > _best + change : value < _best - change);
    }
}
