using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Tests.Data;

/// <summary>
/// Sparse rows are brought to one scale as two passes in double precision say, whatever threads add up and wherever rows are.
/// </summary>
[TestClass]
public sealed class SparseMomentsTests
{
    private const int Rows = 10_000;
    private const int ValuesPerRow = 12;

    // The first two are in each row; the third in each row but the last.
    private const int Common = 3;

    [TestMethod]
    [DataRow(5_000, false, long.MaxValue)]
    [DataRow(5_000, true, long.MaxValue)]
    [DataRow(1 << 22, false, long.MaxValue)]
    [DataRow(1 << 22, true, 200_000L)]
    [DataRow(5_000, true, 0L)]
    public void Scales_are_those_of_two_passes(int features, bool hasWeights, long memoryLimit)
    {
        var (indices, values, weights) = Draw(features, hasWeights);
        using var store = new RowStore(memoryLimit);
        var builder = new TrainingSetBuilder(features, hasWeights, store, standardizes: true);
        for (var row = 0; row < Rows; row++) builder.Add(values[row], indices[row], label: 0, weights[row]);
        var set = builder.Build("training");
        Assert.IsTrue(set.IsSparse);

        var expected = TwoPasses(indices, values, weights);
        for (var row = 0; row < Rows; row++)
        {
            CollectionAssert.AreEqual(indices[row], set.Entries(row).Indices.ToArray());
            for (var i = 0; i < values[row].Length; i++)
            {
                var (mean, scale) = expected[indices[row][i]];
                var scaled = (values[row][i] - mean) * scale;
                Assert.AreEqual(scaled, set.Entries(row).Values[i], 1e-6 * Math.Max(1, Math.Abs(scaled)), $"row {row}, {indices[row][i]}");
            }
        }

        var standardization = set.Standardization!;
        for (var i = 0; i < standardization.Scales.Length; i++)
        {
            var (mean, scale) = expected.GetValueOrDefault(standardization.Features?[i] ?? i);
            Assert.AreEqual(mean, standardization.Means.Span[i], 1e-9 * Math.Max(1, Math.Abs(mean)));
            Assert.AreEqual(scale, standardization.Scales.Span[i], 1e-9 * Math.Max(1, scale));
        }
    }

    [TestMethod]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        var (indices, values, weights) = Draw(5_000, hasWeights: true);
        var one = Scales(1);
        foreach (var threads in new[] { 2, 3, 4 }) CollectionAssert.AreEqual(one, Scales(threads), $"{threads} threads");

        double[] Scales(int threads)
        {
            var moments = new SparseMoments(5_000, hasWeights: true, threads);
            List<AlignedArray> kept = [];
            foreach (var rows in Enumerable.Range(0, Rows).Chunk(777))
            {
                var (block, memory) = Block(rows);
                kept.Add(memory);
                moments.Add([block]);
            }

            var standardization = moments.Finish();
            GC.KeepAlive(kept);
            return [.. standardization.Means.ToArray(), .. standardization.Scales.ToArray()];
        }

        (RowBlock Block, AlignedArray Memory) Block(int[] rows)
        {
            var layout = new RowBlockLayout(rows.Length, rows.Sum(row => values[row].Length), IsSparse: true, HasWeights: true);
            var memory = new AlignedArray(layout.Length);
            var integers = MemoryMarshal.Cast<float, int>(memory.Elements);
            rows.SelectMany(row => values[row]).ToArray().CopyTo(memory.Elements);
            rows.SelectMany(row => indices[row]).ToArray().CopyTo(integers[layout.Indices..]);
            for (var i = 0; i < rows.Length; i++)
            {
                memory.Elements[layout.Weights + i] = weights[rows[i]];
                integers[layout.Starts + i + 1] = integers[layout.Starts + i] + values[rows[i]].Length;
            }

            return (new RowBlock(memory.Address, layout), memory);
        }
    }

    private static (int[][] Indices, float[][] Values, float[] Weights) Draw(int features, bool hasWeights)
    {
        var random = new Random(1);
        var (indices, values, weights) = (new int[Rows][], new float[Rows][], new float[Rows]);
        for (var row = 0; row < Rows; row++)
        {
            var others = Enumerable.Range(0, ValuesPerRow).Select(_ => Common + random.Next(features - Common)).Distinct();
            indices[row] = [.. Enumerable.Range(0, row == Rows - 1 ? Common - 1 : Common).Concat(others).Order()];
            // The first has a large mean beside its deviation.
            values[row] = [.. indices[row].Select(feature => (feature == 0 ? 1000 : feature == 1 ? -3 : 0.01f) + random.NextSingle())];
            weights[row] = !hasWeights ? 1 : row == 0 ? 0 : random.NextSingle();
        }

        return (indices, values, weights);
    }

    /// <summary>The mean of a feature that is in each row, and one over its deviation; of others one over their root mean square.</summary>
    private static Dictionary<int, (double Mean, double Scale)> TwoPasses(int[][] indices, float[][] values, float[] weights)
    {
        var met = new Dictionary<int, List<(double Value, double Weight)>>();
        for (var row = 0; row < Rows; row++)
            for (var i = 0; i < indices[row].Length; i++)
            {
                if (!met.TryGetValue(indices[row][i], out var all)) met.Add(indices[row][i], all = []);
                all.Add((values[row][i], weights[row]));
            }

        return met.ToDictionary(entry => entry.Key, entry =>
        {
            var weight = entry.Value.Sum(own => own.Weight);
            if (weight == 0) return (0, 0);
            var mean = entry.Value.Count < Rows ? 0 : entry.Value.Sum(own => own.Weight * own.Value) / weight;
            return (mean, 1 / Math.Sqrt(entry.Value.Sum(own => own.Weight * (own.Value - mean) * (own.Value - mean)) / weight));
        });
    }
}
