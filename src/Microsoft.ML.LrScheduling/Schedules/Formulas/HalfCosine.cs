namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Half a period of a cosine, which falls from 1 to 0: <c>(1 + cos(π · f)) / 2 = sin²(π/2 · (1 − f))</c>, where f is the fraction of the
/// steps. For speed the angle is split: <c>sin(a + b) = sin a · cos b + cos a · sin b</c>. The sine of a is computed once in 64 steps, and
/// that of b comes from a table. The value depends only on the step, and is accurate to a few units in the last place even near 0.
/// </summary>
internal sealed class HalfCosine
{
    private const int TableSize = 64;

    private readonly double[] _smallSines = new double[TableSize];
    private readonly double[] _smallCosines = new double[TableSize];
    private double _first;
    private long _last;
    private double _angle;
    private long _large;
    private double _largeSine;
    private double _largeCosine;

    /// <param name="first">The step at which the value is 1.</param>
    /// <param name="last">The step at which the value is 0.</param>
    public HalfCosine(double first, double last) => Span(first, last);

    /// <summary>Sets the first and the last step, which need not be integers.</summary>
    public void Span(double first, double last)
    {
        // Without steps between first and last, the value is 0 at every step.
        if (!(last > first)) (first, last) = (double.NegativeInfinity, Math.Ceiling(last));
        (_first, _last, _large) = (first, (long)last, long.MinValue);
        _angle = Math.PI / 2 / (last - first);
        var entries = (int)Math.Min(TableSize, _last - Math.Max(first, 0) + 2);
        for (var i = 0; i < entries; i++) (_smallSines[i], _smallCosines[i]) = Math.SinCos((i + (last - _last)) * _angle);
    }

    /// <summary>The value at a step that is not after the last one.</summary>
    public double At(long step)
    {
        if (step <= _first) return 1;
        var left = _last - step;
        var large = left & -TableSize;
        if (large != _large)
        {
            _large = large;
            (_largeSine, _largeCosine) = Math.SinCos(large * _angle);
        }

        var small = left & (TableSize - 1);
        var sine = _largeSine * _smallCosines[small] + _largeCosine * _smallSines[small];
        return sine * sine;
    }
}
