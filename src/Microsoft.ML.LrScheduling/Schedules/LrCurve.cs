using System.Collections.ObjectModel;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The learning rates of a whole training run, one per minibatch and parameter group, and the momenta if the schedule changes them.
/// <see cref="LrSchedule.Preview(int, int, double[])"/> returns it.
/// </summary>
public sealed class LrCurve
{
    private readonly ReadOnlyCollection<double>[] _rates;
    private readonly ReadOnlyCollection<double>[] _momenta;

    internal LrCurve(LrSchedule schedule, int epochs, int stepsPerEpoch, double[][] rates, double[][] momenta)
    {
        (Schedule, Epochs, StepsPerEpoch) = (schedule, epochs, stepsPerEpoch);
        _rates = [.. rates.Select(values => values.AsReadOnly())];
        _momenta = [.. momenta.Select(values => values.AsReadOnly())];
    }

    /// <summary>The schedule that was previewed. If it takes a length from the run, the length is filled in.</summary>
    public LrSchedule Schedule { get; }

    /// <summary>The number of epochs in the run.</summary>
    public int Epochs { get; }

    /// <summary>The number of minibatches in an epoch.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The number of minibatches in the run.</summary>
    public int Steps => Epochs * StepsPerEpoch;

    /// <summary>The number of parameter groups.</summary>
    public int GroupCount => _rates.Length;

    /// <summary>The learning rate of a group in a minibatch.</summary>
    /// <param name="step">The minibatch, from 0: step <c>e · StepsPerEpoch</c> is the first of epoch e.</param>
    /// <param name="group">The parameter group, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step or group.</exception>
    public double this[int step, int group = 0] => Rates(group)[step];

    /// <summary>Returns the learning rates of a group, one per minibatch.</summary>
    /// <param name="group">The parameter group, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such group.</exception>
    public IReadOnlyList<double> Rates(int group = 0) => Of(_rates, group);

    /// <summary>Returns the momenta of a group, one per minibatch; empty if the schedule does not change the momentum.</summary>
    /// <param name="group">The parameter group, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such group.</exception>
    public IReadOnlyList<double> Momenta(int group = 0) =>
        _momenta.Length == 0 && group >= 0 && group < GroupCount ? [] : Of(_momenta, group);

    /// <summary>Returns the schedule and the length of the run as text.</summary>
    public override string ToString() => $"{Schedule} over {Quantity.Of(Epochs, "epoch")} of {Quantity.Of(StepsPerEpoch, "step")}";

    private ReadOnlyCollection<double> Of(ReadOnlyCollection<double>[] values, int group) => group >= 0 && group < GroupCount
        ? values[group]
        : throw Argument.OutOfRange(nameof(group), $"in [0, {GroupCount})", group);
}
