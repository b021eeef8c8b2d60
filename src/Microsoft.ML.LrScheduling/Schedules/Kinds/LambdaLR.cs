using System.Globalization;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Multiplies the initial rate by a function of the step: <c>rate(t) = initial · lrLambda(t)</c>, where <c>t</c> is the number of steps
/// taken (0 before the first step).
/// </summary>
/// <remarks>
/// The function can increase: with the initial rate 0.1 and <c>epoch / 10</c>, the rates are 0, 0.01, 0.02, 0.03 … Source: PyTorch's
/// <c>torch.optim.lr_scheduler.LambdaLR</c>.
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.LambdaLR("0.5 ** epoch").Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 0.5, 0.25, 0.125, 0.0625, 0.0312
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record LambdaLR : LrSchedule
{
    private const string Setting = "lrLambda";

    internal LambdaLR()
    {
    }

    /// <summary>
    /// The function from the step to the factor, in [0, ∞): one function for all parameter groups, or one per group. Each function is
    /// called once per step.
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

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this).Begun(groups);

    internal override void CheckStart(int groupCount)
    {
        PerGroup.CheckGroupCount(LrLambda, Setting, groupCount);
        foreach (var lambda in LrLambda) lambda.CheckHasRun(this, Setting);
        base.CheckStart(groupCount);
    }

    private sealed class Run(LambdaLR schedule) : SteppingRun(schedule)
    {
        public override void Set(long step, ParameterGroups groups)
        {
            // A function that all groups share is called once per step.
            var (lambdas, initial) = (schedule.LrLambda, groups.InitialLearningRates);
            if (lambdas.Count == 1 && !lambdas[0].NeedsInitialRate)
            {
                groups.SetFactor(lambdas[0].Factor(step, double.NaN, schedule, Setting));
                return;
            }

            for (var group = 0; group < groups.Count; group++)
                groups.LearningRates[group] = initial[group] * lambdas.ForGroup(group).Factor(step, initial[group], schedule, Setting);
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that multiplies the initial rate by a function of the step. See <see cref="Schedules.LambdaLR"/>.
    /// </summary>
    /// <param name="lrLambda">
    /// The function from the step (0 before the first step) to the factor, in [0, ∞): one function for all parameter groups, or one per
    /// group.
    /// </param>
    /// <exception cref="ArgumentException">The list is empty, or a function is null.</exception>
    public static LambdaLR LambdaLR(params Func<int, double>[] lrLambda) =>
        new() { LrLambda = PerGroup.From(lrLambda, "lrLambda", ScheduleFunction.OfEpoch) };

    /// <summary>
    /// Creates a schedule that multiplies the initial rate by an expression in <c>epoch</c>, such as <c>0.95 ** epoch</c>. See
    /// <see cref="Schedules.LambdaLR"/>.
    /// </summary>
    /// <param name="lrLambda">
    /// One expression for all parameter groups, or one per group. <see cref="ScheduleFunction"/> describes the syntax.
    /// </param>
    /// <exception cref="ArgumentException">The list is empty, or an expression is null.</exception>
    /// <exception cref="FormatException">An expression is not valid. The message contains the position.</exception>
    public static LambdaLR LambdaLR(params string[] lrLambda) =>
        new() { LrLambda = PerGroup.From(lrLambda, "lrLambda", text => ScheduleFunction.Parse(text, CultureInfo.InvariantCulture)) };
}
