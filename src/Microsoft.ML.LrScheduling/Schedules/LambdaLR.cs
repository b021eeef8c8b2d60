namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Multiplies the initial rate by a function of the step: <c>rate(t) = initial · lrLambda(t)</c>, <c>t</c> = 0 before the first step.
/// </summary>
/// <remarks>
/// A lambda may rise: from 0.1 with <c>epoch / 10.0</c> the rates are 0, 0.01, 0.02, 0.03 … Two lambda schedules are equal when they hold the
/// same delegates. Source: PyTorch's <c>torch.optim.lr_scheduler.LambdaLR</c>.
/// </remarks>
public sealed record LambdaLR : ClosedFormSchedule
{
    internal LambdaLR(PerGroup<Func<int, double>> lrLambda) => LrLambda = lrLambda;

    /// <summary>
    /// The function from the step to the factor, in [0, ∞); one for all parameter groups or one a group. Called once a step and group.
    /// </summary>
    /// <exception cref="ArgumentException">There is no function.</exception>
    /// <exception cref="ArgumentNullException">A function is null.</exception>
    public PerGroup<Func<int, double>> LrLambda
    {
        get;
        init => field = PerGroup.Checked(value, "lrLambda", static (lambda, name) => lambda ?? throw new ArgumentNullException(name));
    }

    internal override double RateAt(double initial, long step, int group) =>
        initial * LrLambda.ForGroup(group)((int)Math.Min(step, int.MaxValue));

    internal override void CheckGroupCount(int count) => PerGroup.CheckGroupCount(LrLambda, "lrLambda", count);
}

public abstract partial record LrSchedule
{
    /// <summary>Multiplies the initial rate by a function of the step. See <see cref="Schedules.LambdaLR"/>.</summary>
    /// <param name="lrLambda">From the step (0 before the first) to the factor, in [0, ∞); one function, or one a parameter group.</param>
    /// <exception cref="ArgumentException">There is no function, or one is null.</exception>
    public static LambdaLR LambdaLR(params Func<int, double>[] lrLambda) => new(lrLambda);
}
