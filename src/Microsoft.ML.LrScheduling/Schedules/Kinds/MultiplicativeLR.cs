using System.Globalization;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Multiplies the rate at each step by a function of it: <c>rate(t) = rate(t − 1) · lrLambda(t)</c>, from <c>t</c> = 1 on.
/// </summary>
/// <remarks>
/// As a later part of a <see cref="SequentialLR"/> it goes on from the last rate that the part before it had. Source: PyTorch's
/// <c>torch.optim.lr_scheduler.MultiplicativeLR</c>.
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.MultiplicativeLR(epoch => epoch &lt; 3 ? 0.5 : 0.9).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 0.5, 0.25, 0.225, 0.203, 0.182
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record MultiplicativeLR : LrSchedule
{
    private const string Setting = "lrLambda";

    internal MultiplicativeLR()
    {
    }

    /// <summary>
    /// From the step (1 for the first) to the factor, in [0, ∞); one function for all parameter groups, or one per group. Each function is
    /// called once per step.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// There is no function, or there are more than 2,000, or their expressions have more than 100,000 characters in total.
    /// </exception>
    /// <exception cref="ArgumentNullException">A function is null.</exception>
    public required PerGroup<ScheduleFunction> LrLambda { get; init => field = PerGroup.Checked(value, Setting); }

    internal override bool MayFail => true;

    internal override LrSchedule For(RunSpan run) =>
        LrLambda.Any(static lambda => lambda.NeedsRun)
            ? this with { LrLambda = [.. LrLambda.Select(lambda => FunctionFor(lambda, run))] } : this;

    internal override LrSchedule Foretold => this with { LrLambda = [.. LrLambda.Select(lambda => lambda.Foretold)] };

    internal override bool WalksStepByStep => true;

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this);

    internal override void CheckStart(int groupCount)
    {
        PerGroup.CheckGroupCount(LrLambda, Setting, groupCount);
        foreach (var lambda in LrLambda) lambda.CheckHasRun(this, Setting);
        base.CheckStart(groupCount);
    }

    private sealed class Run(MultiplicativeLR schedule) : SteppingRun(schedule)
    {
        public override void Set(long step, ParameterGroups groups)
        {
            var (rates, initial, lambdas) = (groups.LearningRates, groups.InitialLearningRates, schedule.LrLambda);
            // One function of all groups is called once.
            var isShared = lambdas.Count == 1 && !lambdas[0].NeedsInitialRate;
            var factor = lambdas[0].Factor(step, initial[0], schedule, Setting);
            for (var group = 0; group < rates.Length; group++)
            {
                if (group > 0 && !isShared) factor = lambdas.ForGroup(group).Factor(step, initial[group], schedule, Setting);
                rates[group] *= factor;
            }
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Multiplies the rate at each step by a function of it. See <see cref="Schedules.MultiplicativeLR"/>.</summary>
    /// <param name="lrLambda">From the step (1 for the first) to the factor, in [0, ∞); one function, or one a parameter group.</param>
    /// <exception cref="ArgumentException">There is no function, or one is null.</exception>
    public static MultiplicativeLR MultiplicativeLR(params Func<int, double>[] lrLambda) =>
        new() { LrLambda = PerGroup.From(lrLambda, "lrLambda", ScheduleFunction.OfEpoch) };

    /// <summary>Multiplies the rate at each step by an expression in <c>epoch</c>. See <see cref="Schedules.MultiplicativeLR"/>.</summary>
    /// <param name="lrLambda">One expression, or one a parameter group. See <see cref="ScheduleFunction"/> for the language.</param>
    /// <exception cref="ArgumentException">There is no expression, or one is null.</exception>
    /// <exception cref="FormatException">An expression cannot be read; the message says where.</exception>
    public static MultiplicativeLR MultiplicativeLR(params string[] lrLambda) =>
        new() { LrLambda = PerGroup.From(lrLambda, "lrLambda", text => ScheduleFunction.Parse(text, CultureInfo.InvariantCulture)) };
}
