using System.Collections.ObjectModel;
using System.Globalization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The values that the functions of a <see cref="CustomLR"/> receive when it takes a step. The object is valid only during the call: the
/// next step changes it.
/// </summary>
/// <example>
/// <code>
/// var halved = LrSchedule.CustomLR((LrStep step) => step.Step % 2 == 0 ? step.LearningRate / 2 : step.LearningRate);
/// var rates = halved.Preview(epochs: 5, stepsPerEpoch: 1, [1.0], metrics: [0, 0, 0, 0, 0]).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 1, 0.5, 0.5, 0.25
/// </code>
/// </example>
public sealed class LrStep
{
    private readonly double[] _state;
    private ParameterGroups _groups;

    internal LrStep(ParameterGroups groups, double[] state)
    {
        (_groups, _state) = (groups, state);
        (LearningRates, State) = (new ReadOnlyCollection<double>(groups.LearningRates), new ReadOnlyCollection<double>(state));
    }

    /// <summary>The number of the current step, from 1. The functions return the rates after this step.</summary>
    public long Step { get; internal set; }

    /// <summary>The epochs that have ended since the schedule began, this one included.</summary>
    public long Epoch { get; internal set; }

    /// <summary>The value of the metric. If a step is a minibatch, it is the last value that was measured. NaN if there is none.</summary>
    public double Metric { get; internal set; } = double.NaN;

    /// <summary>The parameter group whose rate is computed, from 0. It is 0 for the functions of the state.</summary>
    public int Group { get; private set; }

    /// <summary>The rate of the group before this step.</summary>
    public double LearningRate => _groups.LearningRates[Group];

    /// <summary>The initial rate of the group.</summary>
    public double InitialLearningRate => _groups.InitialLearningRates[Group];

    /// <summary>The rates of all groups before this step.</summary>
    public IReadOnlyList<double> LearningRates { get; private set; }

    /// <summary>The state before this step.</summary>
    public IReadOnlyList<double> State { get; }

    /// <summary>Returns the step, the epoch, the metric, the rates and the state as text.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"step {Step}, epoch {Epoch}: metric {Metric}, rates {Text(LearningRates)}, state {Text(State)}");

    /// <summary>Returns a number of the state.</summary>
    internal double StateAt(int i) => _state[i];

    /// <summary>Selects the parameter group whose values the properties return.</summary>
    internal void LookAt(ParameterGroups groups, int group)
    {
        Group = group;
        if (groups == _groups) return;
        (_groups, LearningRates) = (groups, new ReadOnlyCollection<double>(groups.LearningRates));
    }

    private static string Text(IReadOnlyList<double> numbers) => ((ValueList<double>)[.. numbers]).ToString();
}
