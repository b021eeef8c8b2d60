namespace Microsoft.ML.LrScheduling.Schedules;

public abstract partial record LrSchedule
{
    /// <summary>The maximum number of values in a preview: 32 million, 256 MB.</summary>
    private const long MaximumPreview = 32_000_000;

    /// <summary>
    /// Computes the learning rates of a whole training run without training: the rate that a trainer would use in each minibatch.
    /// </summary>
    /// <param name="epochs">The epochs of the run, at least 1.</param>
    /// <param name="stepsPerEpoch">The minibatches of an epoch, at least 1. Use 1 for a schedule that steps after each epoch.</param>
    /// <param name="learningRates">The initial learning rate of each parameter group, in [0, ∞); at least one.</param>
    /// <exception cref="ArgumentException">
    /// There is no rate; a setting does not fit the number of groups; or the schedule watches a metric.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An argument is outside its range; the run is longer than a schedule that has an end; or the result would have more than 32 million
    /// numbers.
    /// </exception>
    /// <exception cref="ScheduleException">A function of the schedule returned a factor that is negative, infinite or NaN.</exception>
    public LrCurve Preview(int epochs, int stepsPerEpoch, params double[] learningRates) =>
        Preview(epochs, stepsPerEpoch, learningRates, (Func<int, double>?)null);

    /// <summary>Computes the learning rates of a whole training run for given values of a metric.</summary>
    /// <param name="epochs">The epochs of the run, at least 1.</param>
    /// <param name="stepsPerEpoch">The minibatches of an epoch, at least 1.</param>
    /// <param name="learningRates">The initial learning rate of each parameter group, in [0, ∞); at least one.</param>
    /// <param name="metrics">The metric that the schedule watches, one value after each epoch.</param>
    /// <exception cref="ArgumentException">
    /// There is no rate; a setting does not fit the number of groups; or there are not as many metrics as epochs.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An argument is outside its range; the run is longer than a schedule that has an end; or the result would have more than 32 million
    /// numbers.
    /// </exception>
    /// <exception cref="ScheduleException">A function of the schedule returned a factor that is negative, infinite or NaN.</exception>
    public LrCurve Preview(int epochs, int stepsPerEpoch, IReadOnlyList<double> learningRates, IReadOnlyList<double> metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return metrics.Count == epochs
            ? Preview(epochs, stepsPerEpoch, learningRates, epoch => metrics[epoch])
            : throw new ArgumentException($"metrics must hold one value per epoch ({epochs}). Received: {metrics.Count}", nameof(metrics));
    }

    /// <summary>Computes the learning rates of a whole training run for given values of a metric.</summary>
    /// <param name="epochs">The epochs of the run, at least 1.</param>
    /// <param name="stepsPerEpoch">The minibatches of an epoch, at least 1.</param>
    /// <param name="learningRates">The initial learning rate of each parameter group, in [0, ∞); at least one.</param>
    /// <param name="metrics">
    /// The metric that the schedule watches, as a function of the epoch (from 0); null for a schedule that does not watch a metric. All
    /// parts of the schedule see this metric, even if they watch different ones.
    /// </param>
    /// <exception cref="ArgumentException">
    /// There is no rate; a setting does not fit the number of groups; or the schedule watches a metric and none is given.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An argument is outside its range; the run is longer than a schedule that has an end; or the result would have more than 32 million
    /// numbers.
    /// </exception>
    /// <exception cref="ScheduleException">A function of the schedule returned a factor that is negative, infinite or NaN.</exception>
    public LrCurve Preview(int epochs, int stepsPerEpoch, IReadOnlyList<double> learningRates, Func<int, double>? metrics)
    {
        ArgumentNullException.ThrowIfNull(learningRates);
        var schedule = ForRun(epochs, stepsPerEpoch);
        CheckPreview(epochs, stepsPerEpoch, learningRates.Count, metrics);
        var scheduler = schedule.Start([.. learningRates]);
        var (rates, momenta) = (Columns(scheduler.LearningRates), Columns(scheduler.Momenta));
        var step = 0;
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            for (var batch = 0; batch < stepsPerEpoch; batch++, step++)
            {
                for (var group = 0; group < rates.Length; group++) rates[group][step] = scheduler.LearningRates[group];
                for (var group = 0; group < momenta.Length; group++) momenta[group][step] = scheduler.Momenta[group];
                // The rate after the last minibatch is not used, so a function that fails there must not be called.
                if (step + 1 < epochs * stepsPerEpoch) scheduler.Advance(ScheduleInterval.Batch);
            }

            if (epoch + 1 == epochs) break;
            var metric = metrics?.Invoke(epoch);
            scheduler.Advance(ScheduleInterval.Epoch, metrics is null ? null : _ => metric);
        }

        return new LrCurve(schedule, epochs, stepsPerEpoch, rates, momenta);

        double[][] Columns(IReadOnlyList<double> groups) => [.. groups.Select(_ => new double[epochs * stepsPerEpoch])];
    }

    private void CheckPreview(int epochs, int stepsPerEpoch, int groups, Func<int, double>? metrics)
    {
        if (NeedsMetric && metrics is null)
            throw new ArgumentException($"metrics must hold one value per epoch, since {GetType().Name} watches a metric. Received: none",
                nameof(metrics));
        var steps = (long)epochs * stepsPerEpoch;
        var longest = MaximumPreview / Math.Max(1, groups) / (CyclesMomentum ? 2 : 1);
        if (steps > longest)
        {
            throw new ArgumentOutOfRangeException(
                nameof(epochs), FormattableString.Invariant($"epochs · stepsPerEpoch must be at most {longest}. Received: {steps}"));
        }
    }
}
