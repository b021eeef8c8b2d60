using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Watches a metric from epoch to epoch, and keeps the weights of the best one.</summary>
/// <param name="metric">The metric.</param>
/// <param name="rule">When training is to end; null for not because of this.</param>
internal sealed class BestEpoch(Metric metric, EarlyStopping? rule)
{
    private double _best;
    private int _epochsSince;

    /// <summary>
    /// What a plan has to be watched for: early stopping, or the best model so far should it be cancelled; null for neither.
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

    /// <summary>Whether the best weights are the result, also of training that has come to its end.</summary>
    public bool IsRestored => rule is { RestoreBestWeights: true };

    /// <summary>Whether training is to end.</summary>
    public bool IsOver => rule is not null && _epochsSince >= rule.Patience;

    /// <summary>Looks at an epoch.</summary>
    public void See(EpochRecord record, LinearWeights weights)
    {
        if (record[metric] is not { } value || !double.IsFinite(value) || !IsBetter(value))
        {
            _epochsSince++;
            return;
        }

        (_best, Epoch, _epochsSince, Weights) = (value, record.Epoch, 0, weights);
    }

    /// <summary>Writes what it has seen.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(_best);
        writer.Write(_epochsSince);
        writer.Write(Epoch ?? 0);
        writer.Write(Weights is not null);
        Weights?.Save(writer);
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    /// <param name="reader">Reads it.</param>
    /// <param name="like">Weights of the same model.</param>
    public void Load(BinaryReader reader, LinearWeights like)
    {
        (_best, _epochsSince) = (reader.ReadDouble(), reader.ReadInt32());
        Epoch = reader.ReadInt32() is > 0 and var epoch ? epoch : null;
        Weights = reader.ReadBoolean() ? LinearWeights.Load(reader, like) : null;
        if (Epoch is null != Weights is null) throw new InvalidDataException("the best epoch must have weights.");
    }

    /// <summary>The best epoch that <see cref="Save"/> wrote; null for none.</summary>
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
