using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Watches a metric from epoch to epoch, as <see cref="EarlyStopping"/> says; keeps the weights of the best one.</summary>
internal sealed class BestEpoch(EarlyStopping rule, Metric metric)
{
    private double _best;
    private int _epochsSince;

    /// <summary>The best epoch so far, from 1; null before there is one.</summary>
    public int? Epoch { get; private set; }

    /// <summary>The weights after the best epoch; null where they are not to be restored.</summary>
    public LinearWeights? Weights { get; private set; }

    /// <summary>Whether training is to end.</summary>
    public bool IsOver => _epochsSince >= rule.Patience;

    /// <summary>Looks at an epoch.</summary>
    /// <param name="record">What it brought.</param>
    /// <param name="weights">Gives the weights after it.</param>
    public void See(EpochRecord record, Func<LinearWeights> weights)
    {
        if (record[metric] is not { } value || !double.IsFinite(value) || !IsBetter(value))
        {
            _epochsSince++;
            return;
        }

        (_best, Epoch, _epochsSince) = (value, record.Epoch, 0);
        if (rule.RestoreBestWeights) Weights = weights();
    }

    private bool IsBetter(double value) =>
        Epoch is null || (metric.HigherIsBetter() ? value > _best + rule.MinimumChange : value < _best - rule.MinimumChange);
}
