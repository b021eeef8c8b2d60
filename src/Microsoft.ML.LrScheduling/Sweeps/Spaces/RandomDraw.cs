using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Draws at random. The same seed and trial number give the same values on every machine.</summary>
internal sealed class RandomDraw(int seed, int trial) : Draw
{
    private SeededRandom _random = new(seed, SeededRandom.TrialStream + ((ulong)(uint)trial << 8));

    private protected override double Unit() => _random.NextDouble();

    private protected override long IntegerOf(int minimum, int maximum) =>
        (long)maximum - minimum < int.MaxValue
            ? minimum + (long)_random.Next(maximum - minimum + 1)
            : minimum + (long)(_random.NextDouble() * ((double)maximum - minimum + 1));

    private protected override long LogIntegerOf(int minimum, int maximum) => LogInteger(minimum, maximum, _random.NextDouble());

    private protected override int Index(int count) => _random.Next(count);
}
