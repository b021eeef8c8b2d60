using System.Collections.ObjectModel;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The learning rates of a whole training run, and the momenta where the schedule changes them: one number a minibatch and parameter group.
/// <see cref="LrSchedule.Preview(int, int, double[])"/> gives it.
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

    /// <summary>The schedule as it ran: with the length that it took from the run, if it takes one.</summary>
    public LrSchedule Schedule { get; }

    /// <summary>The epochs of the run.</summary>
    public int Epochs { get; }

    /// <summary>The minibatches of an epoch.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The minibatches of the run.</summary>
    public int Steps => Epochs * StepsPerEpoch;

    /// <summary>The number of parameter groups.</summary>
    public int GroupCount => _rates.Length;

    /// <summary>The learning rate of a group in a minibatch.</summary>
    /// <param name="step">The minibatch, from 0: step <c>e · StepsPerEpoch</c> is the first of epoch e.</param>
    /// <param name="group">The parameter group, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step or group.</exception>
    public double this[int step, int group = 0] => Rates(group)[step];

    /// <summary>The learning rates of a group, one a minibatch.</summary>
    /// <param name="group">The parameter group, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such group.</exception>
    public IReadOnlyList<double> Rates(int group = 0) => Of(_rates, group);

    /// <summary>The momenta of a group, one a minibatch; empty where the schedule leaves the momentum alone.</summary>
    /// <param name="group">The parameter group, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such group.</exception>
    public IReadOnlyList<double> Momenta(int group = 0) =>
        _momenta.Length == 0 && group >= 0 && group < GroupCount ? [] : Of(_momenta, group);

    /// <summary>The schedule and the length of the run.</summary>
    public override string ToString() => $"{Schedule} over {Quantity.Of(Epochs, "epoch")} of {Quantity.Of(StepsPerEpoch, "step")}";

    private ReadOnlyCollection<double> Of(ReadOnlyCollection<double>[] values, int group) => group >= 0 && group < GroupCount
        ? values[group]
        : throw Argument.OutOfRange(nameof(group), $"in [0, {GroupCount})", group);
}
