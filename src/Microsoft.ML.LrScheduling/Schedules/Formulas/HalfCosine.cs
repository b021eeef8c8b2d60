namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Half a wave of a cosine, from 1 down to 0, one whole step after another: <c>(1 + cos(π · f)) / 2 = sin²(π/2 · (1 − f))</c>, f
/// the fraction of the way. The angle is split: <c>sin(a + b) = sin a · cos b + cos a · sin b</c>, a kept for 64 steps and b from a
/// table. It is a function of the step alone, to a few units in the last place even where it is near 0.
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

    /// <param name="first">Where it is 1.</param>
    /// <param name="last">Where it is 0.</param>
    public HalfCosine(double first, double last) => Span(first, last);

    /// <summary>Begins anew between other steps, which need not be whole.</summary>
    public void Span(double first, double last)
    {
        // Where there is no way from one to the other, it is at its end.
        if (!(last > first)) (first, last) = (double.NegativeInfinity, Math.Ceiling(last));
        (_first, _last, _large) = (first, (long)last, long.MinValue);
        _angle = Math.PI / 2 / (last - first);
        var entries = (int)Math.Min(TableSize, _last - Math.Max(first, 0) + 2);
        for (var i = 0; i < entries; i++) (_smallSines[i], _smallCosines[i]) = Math.SinCos((i + (last - _last)) * _angle);
    }

    /// <summary>The weight of the first end at a step between the two.</summary>
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
