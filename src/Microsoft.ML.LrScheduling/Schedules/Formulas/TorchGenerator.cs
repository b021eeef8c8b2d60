namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Generates the same random numbers as <c>torch.Generator().manual_seed(seed)</c> on the CPU, one at a time, as in <c>torch.rand(1)</c>
/// and
/// <c>torch.randn(1)</c>. Source: Matsumoto and Nishimura's Mersenne Twister, and the transform of Box and Muller.
/// </summary>
internal sealed class TorchGenerator
{
    private const int Size = 624, Ahead = 397;

    private readonly uint[] _state = new uint[Size];
    private int _next;
    private double? _secondNormal;

    /// <summary>Restarts the generator. Only the lower 32 bits of the seed are used.</summary>
    public void Seed(long seed)
    {
        _state[0] = (uint)seed;
        for (var i = 1; i < Size; i++) _state[i] = 1812433253u * (_state[i - 1] ^ (_state[i - 1] >> 30)) + (uint)i;
        (_next, _secondNormal) = (0, null);
    }

    /// <summary>A uniform number in [0, 1) with 24 random bits.</summary>
    public float NextUniform() => (Next() & 0xFFFFFF) * (1f / (1 << 24));

    /// <summary>A number from the standard normal distribution.</summary>
    public float NextNormal()
    {
        if (_secondNormal is { } second)
        {
            _secondNormal = null;
            return (float)second;
        }

        var (angle, spread) = (2 * Math.PI * NextDouble(), NextDouble());
        // 1 − spread is exact, since spread is a multiple of 2^−53. The logarithm is therefore that of PyTorch's log1p(−spread).
        var radius = Math.Sqrt(-2 * Math.Log(1 - spread));
        _secondNormal = radius * Math.Sin(angle);
        return (float)(radius * Math.Cos(angle));
    }

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    private double NextDouble()
    {
        ulong high = Next();
        return (((high << 32) | Next()) & ((1UL << 53) - 1)) * (1.0 / (1UL << 53));
    }

    private uint Next()
    {
        // PyTorch renews the whole state at once. Renewing each number just before its use gives the same numbers.
        var i = _next;
        var mixed = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7FFFFFFF);
        var bits = _state[i] = _state[(i + Ahead) % Size] ^ (mixed >> 1) ^ ((mixed & 1) * 0x9908B0DF);
        _next = (i + 1) % Size;
        bits ^= bits >> 11;
        bits ^= (bits << 7) & 0x9D2C5680;
        bits ^= (bits << 15) & 0xEFC60000;
        return bits ^ (bits >> 18);
    }
}
