using System.Globalization;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// At each step, multiplies the rate by a function of the step: <c>rate(t) = rate(t − 1) · lrLambda(t)</c>, where <c>t</c> is 1 for the
/// first step.
/// </summary>
/// <remarks>
/// As a later part of a <see cref="SequentialLR"/>, the schedule continues from the last rate of the previous part. Source: PyTorch's
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
    /// The function from the step (1 for the first step) to the factor, in [0, ∞): one function for all parameter groups, or one per
    /// group. Each function is called once per step.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The list is empty; or there are more than 2,000 functions; or their expressions have more than 100,000 characters in total.
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
            // A function that all groups share is called once per step.
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
    /// <summary>
    /// Creates a schedule that multiplies the rate at each step by a function of the step. See <see cref="Schedules.MultiplicativeLR"/>.
    /// </summary>
    /// <param name="lrLambda">
    /// The function from the step (1 for the first step) to the factor, in [0, ∞): one function for all parameter groups, or one per
    /// group.
    /// </param>
    /// <exception cref="ArgumentException">The list is empty, or a function is null.</exception>
    public static MultiplicativeLR MultiplicativeLR(params Func<int, double>[] lrLambda) =>
        new() { LrLambda = PerGroup.From(lrLambda, "lrLambda", ScheduleFunction.OfEpoch) };

    /// <summary>
    /// Creates a schedule that multiplies the rate at each step by an expression in <c>epoch</c>. See
    /// <see cref="Schedules.MultiplicativeLR"/>.
    /// </summary>
    /// <param name="lrLambda">
    /// One expression for all parameter groups, or one per group. <see cref="ScheduleFunction"/> describes the syntax.
    /// </param>
    /// <exception cref="ArgumentException">The list is empty, or an expression is null.</exception>
    /// <exception cref="FormatException">An expression is not valid. The message contains the position.</exception>
    public static MultiplicativeLR MultiplicativeLR(params string[] lrLambda) =>
        new() { LrLambda = PerGroup.From(lrLambda, "lrLambda", text => ScheduleFunction.Parse(text, CultureInfo.InvariantCulture)) };
}
