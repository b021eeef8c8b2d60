namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The shape of a warmup or a decay. The formulas give the remaining part of a decay after the fraction p of its steps. A warmup is a
/// decay in reverse.
/// </summary>
public enum RampType
{
    /// <summary>A cosine: <c>(1 + cos(2π · numCycles · p)) / 2</c>. By default it is half a period.</summary>
    Cos,

    /// <summary>A straight line: <c>1 − p</c>.</summary>
    Linear,

    /// <summary>One minus a square root, which is fast at first: <c>1 − √p</c>.</summary>
    OneMinusSqrt,

    /// <summary>An exponential, shifted so that it reaches 0: <c>2 · 0.5^p − 1</c>.</summary>
    Exponential,

    /// <summary>The same ratio at each step. The factor itself is <c>endFactor^p</c>.</summary>
    Geometric,
}
