using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>What the machine could do if a program were nothing but reading memory, or nothing but multiplying.</summary>
internal static class Machine
{
    private const int Values = 1 << 27;
    private const int Multiplications = 1 << 22;
    private const int Chains = 16;

    /// <summary>The processor, for the line above each table.</summary>
    public static string Name { get; } = File.Exists("/proc/cpuinfo")
        && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : $"{RuntimeInformation.ProcessArchitecture}";

    public static void Measure(PerformanceRun run)
    {
        var block = new float[Values];
        // Written to, so that each page is a page of its own.
        Array.Fill(block, 1);
        var samples = run.Measurement.Interleave(
            new("reading, one core", () => run.Measurement.Rate(() => Sum(block)) * Values * sizeof(float)),
            new("reading, all cores", () => run.Measurement.Rate(() => SumOnAllCores(block)) * Values * sizeof(float)),
            new("multiplying and adding, one core",
                () => run.Measurement.Rate(() => Multiply()) * Multiplications * Chains * Vector512<float>.Count * 2),
            new("multiplying and adding, all cores", () => run.Measurement.Rate(MultiplyOnAllCores)
                * Multiplications * Chains * Vector512<float>.Count * 2 * Environment.ProcessorCount));

        var table = new Table("machine", "the machine (spread)", "one core", $"all {Environment.ProcessorCount} cores");
        table.Add($"reading {Values * 4L >> 20} MiB in a straight line, GB/s", $"{samples[0].Select(Giga)}", $"{samples[1].Select(Giga)}");
        table.Add("multiplying and adding 32-bit floats in registers, Gflop/s", $"{samples[2].Select(Giga)}", $"{samples[3].Select(Giga)}");
        run.Add(table);

        static double Giga(double value) => value / 1e9;
    }

    /// <summary>Reads values, as fast as one core can.</summary>
    /// <remarks>Not inlined, and so not left out where nobody asks for the sum; the same with the multiplications.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static float Sum(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(values);
        var (a, b, c, d) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i + 3 < vectors.Length; i += 4)
        {
            a += vectors[i];
            b += vectors[i + 1];
            c += vectors[i + 2];
            d += vectors[i + 3];
        }

        return Vector512.Sum(a + b + (c + d));
    }

    /// <summary>Reads values, as fast as all cores together can.</summary>
    public static void SumOnAllCores(float[] values)
    {
        var part = values.Length / Environment.ProcessorCount;
        Parallel.For(0, Environment.ProcessorCount, core => Sum(values.AsSpan(core * part, part)));
    }

    // Chains that do not wait for one another, as many as keep the units busy.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Multiply()
    {
        var factor = Vector512.Create(0.999f);
        var term = Vector512.Create(0.001f);
        var (a, b, c, d) = (term, term, term, term);
        var (e, f, g, h) = (term, term, term, term);
        var (i, j, k, l) = (term, term, term, term);
        var (m, n, o, p) = (term, term, term, term);
        for (var turn = 0; turn < Multiplications; turn++)
        {
            a = Vector512.FusedMultiplyAdd(a, factor, term);
            b = Vector512.FusedMultiplyAdd(b, factor, term);
            c = Vector512.FusedMultiplyAdd(c, factor, term);
            d = Vector512.FusedMultiplyAdd(d, factor, term);
            e = Vector512.FusedMultiplyAdd(e, factor, term);
            f = Vector512.FusedMultiplyAdd(f, factor, term);
            g = Vector512.FusedMultiplyAdd(g, factor, term);
            h = Vector512.FusedMultiplyAdd(h, factor, term);
            i = Vector512.FusedMultiplyAdd(i, factor, term);
            j = Vector512.FusedMultiplyAdd(j, factor, term);
            k = Vector512.FusedMultiplyAdd(k, factor, term);
            l = Vector512.FusedMultiplyAdd(l, factor, term);
            m = Vector512.FusedMultiplyAdd(m, factor, term);
            n = Vector512.FusedMultiplyAdd(n, factor, term);
            o = Vector512.FusedMultiplyAdd(o, factor, term);
            p = Vector512.FusedMultiplyAdd(p, factor, term);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p);
    }

    private static void MultiplyOnAllCores() => Parallel.For(0, Environment.ProcessorCount, _ => Multiply());
}
