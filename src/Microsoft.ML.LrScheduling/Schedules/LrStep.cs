namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// What the functions of a <see cref="CustomLR"/> see as it takes a step. It holds during the call alone: the next step changes it.
/// </summary>
public sealed class LrStep
{
    private readonly double[] _state;
    private ParameterGroups _groups;

    internal LrStep(ParameterGroups groups, double[] state) => (_groups, _state) = (groups, state);

    /// <summary>The step that is taken, 1 for the first; the rates are those after it.</summary>
    public long Step { get; internal set; }

    /// <summary>The epochs that have ended since the schedule began, this one included.</summary>
    public long Epoch { get; internal set; }

    /// <summary>The metric; where a step is a minibatch the last one that was measured. NaN for none.</summary>
    public double Metric { get; internal set; } = double.NaN;

    /// <summary>Looks at a parameter group.</summary>
    internal void LookAt(ParameterGroups groups, int group) => (_groups, Group) = (groups, group);

    /// <summary>The parameter group whose rate is asked for, from 0; 0 for the state.</summary>
    public int Group { get; private set; }

    /// <summary>The rate that the group has so far.</summary>
    public double LearningRate => _groups.LearningRates[Group];

    /// <summary>The initial rate of the group.</summary>
    public double InitialLearningRate => _groups.InitialLearningRates[Group];

    /// <summary>The rates that all groups have so far.</summary>
    public ReadOnlySpan<double> LearningRates => _groups.LearningRates;

    /// <summary>The state as the step before left it.</summary>
    public ReadOnlySpan<double> State => _state;
}
