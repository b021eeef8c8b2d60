namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The shape of a rise or a fall, with p the fraction of its steps: the part of the way that a fall has left. A rise is a fall that is
/// walked backwards.
/// </summary>
public enum RampType
{
    /// <summary>A wave of a cosine: <c>(1 + cos(2π · numCycles · p)) / 2</c>, half a wave if not told otherwise.</summary>
    Cos,

    /// <summary>A straight line: <c>1 − p</c>.</summary>
    Linear,

    /// <summary>Fast at first: <c>1 − √p</c>.</summary>
    OneMinusSqrt,

    /// <summary>A power of a half that comes to its end: <c>2 · 0.5^p − 1</c>.</summary>
    Exponential,

    /// <summary>The same factor at each step: <c>endFactor^p</c> is the factor itself.</summary>
    Geometric,
}
