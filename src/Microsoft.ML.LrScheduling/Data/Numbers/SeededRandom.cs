using System.Runtime.CompilerServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// SplitMix64: a small random generator whose sequence is fixed by this code, on every machine and version of .NET.
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
/// </summary>
internal struct SeededRandom(ulong seed, ulong stream)
{
    /// <summary>The stream that chooses validation rows.</summary>
    public const ulong HoldOutStream = 1;

    /// <summary>The stream that orders rows.</summary>
    public const ulong RowOrderStream = 2;

    /// <summary>The stream that draws hyperparameters.</summary>
    public const ulong TrialStream = 3;

    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(Mix(seed) + stream * GoldenGamma);

    public SeededRandom(int seed, ulong stream)
        : this(unchecked((ulong)seed), stream)
    {
    }

    /// <summary>Returns a uniform integer in [0, <paramref name="bound"/>).</summary>
    public int Next(int bound)
    {
        // Lemire's method: the high half of the product is the result. To be uniform, a low half below 2^32 mod bound is drawn again. This
        // remainder is less than the bound, and is rarely needed, so it is computed only if the low half is below the bound.
        var product = (ulong)NextUInt32() * (uint)bound;
        if ((uint)product < (uint)bound)
        {
            var threshold = (uint)(-bound) % (uint)bound;
            while ((uint)product < threshold) product = (ulong)NextUInt32() * (uint)bound;
        }

        return (int)(product >> 32);
    }

    /// <summary>Returns a uniform number in [0, 1), a multiple of 2^−53.</summary>
    public double NextDouble() => (Mix(_state += GoldenGamma) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Shuffles the items uniformly (Fisher and Yates).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Shuffle(Span<int> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private uint NextUInt32() => (uint)(Mix(_state += GoldenGamma) >> 32);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
