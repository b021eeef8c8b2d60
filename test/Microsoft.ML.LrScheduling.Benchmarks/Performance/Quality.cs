using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>The loss that is reached after as many epochs, and after as long a time: speed is not to be bought with accuracy.</summary>
internal static class Quality
{
    private const int Rows = 200_000;
    private const int Features = 10;
    private const double Noise = 0.1;
    private const int BatchSize = 32;
    // Of steps on minibatches. A step on one row has a part of it, since there are as many more of them.
    private const double Rate = 0.005;
    // The order of the rows alone makes differences of a thousandth.
    private const double SameLoss = 1.01;

    private static readonly int[] Epochs = [1, 5];

    public static void Measure(PerformanceRun run)
    {
        var values = Generate();
        var set = ToSet(values);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, MemoryMarshal.AsBytes(values.AsSpan()));
            double[] seconds = run.IsQuick ? [0.1, 0.3] : [0.25, 1];
            var least = LeastSquares(set);
            var table = new Table(
                "quality",
                [$"loss above the least there is ({Format.Number(least)}), in parts of it",
                    .. Epochs.Select(count => $"after {Count(count)}"), .. seconds.Select(time => $"after {time} s")]);
            var losses = new Dictionary<string, double[]>();
            foreach (var (name, create) in MeasuredEngines.Here)
            {
                Add(name, $"{name}, B={BatchSize}", end => Train(create, set, BatchSize, Rate, end));
                Add($"{name}, B=1", $"{name}, B=1", end => Train(create, set, 1, Rate / BatchSize, end));
            }

            AddPeer(run.PyTorch, PerformanceRun.PyTorchName, $"{run.PyTorch.Name} eager, B={BatchSize}", end => end.Epochs is { } count
                ? new { data = file, rows = Rows, features = Features, batch = BatchSize, rate = Rate, threads = 1, epochs = count }
                : new
                {
                    data = file,
                    rows = Rows,
                    features = Features,
                    batch = BatchSize,
                    rate = Rate,
                    threads = 1,
                    seconds = end.Seconds,
                });
            // Its loss is half the square.
            AddPeer(run.ScikitLearn, PerformanceRun.ScikitLearnName, $"{run.ScikitLearn.Name} SGDRegressor, one row a step",
                end => end.Epochs is { } count
                ? new { data = file, rows = Rows, features = Features, rate = 2 * Rate / BatchSize, epochs = count }
                : new { data = file, rows = Rows, features = Features, rate = 2 * Rate / BatchSize, seconds = end.Seconds });
            run.Add(table);
            foreach (var (name, _) in MeasuredEngines.Here)
            {
                for (var column = 0; column < Epochs.Length; column++)
                {
                    AddTarget(run, losses, name, PerformanceRun.PyTorchName, column, Count(Epochs[column]));
                    AddTarget(run, losses, $"{name}, B=1", PerformanceRun.ScikitLearnName, column, Count(Epochs[column]));
                }

                foreach (var peer in new[] { PerformanceRun.PyTorchName, PerformanceRun.ScikitLearnName })
                    AddTarget(run, losses, name, peer, losses[name].Length - 1, "the same time");
            }

            void Add(string name, string fullName, Func<(int? Epochs, double? Seconds), LinearWeights> train)
            {
                // Not counted: the first time takes longer.
                train((1, null));
                losses[name] = [.. Epochs.Select(count => Loss(set, train((count, null)))),
                    .. seconds.Select(time => Loss(set, train((null, time))))];
                table.Add([fullName, .. losses[name].Select(loss => Format.Number(loss / least - 1))]);
            }

            void AddPeer(PythonPeer peer, string name, string fullName, Func<(int? Epochs, double? Seconds), object> request)
            {
                if (peer.Missing is { } missing) table.AddMissing(name, missing);
                else Add(name, fullName, end => Read(peer.Ask(request(end))));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void AddTarget(
        PerformanceRun run, Dictionary<string, double[]> losses, string engine, string peer, int column, string when)
    {
        var (what, goal) = ($"loss, {engine} ÷ {peer}, after {when}", $"≤ {Format.Goal(SameLoss)} ×");
        if (!losses.TryGetValue(peer, out var theirs))
        {
            run.Targets.Add(Target.Missing(what, goal, run.ReasonWithout(peer)));
            return;
        }

        var ratio = losses[engine][column] / theirs[column];
        run.Targets.Add(new Target(what, goal, Format.Number(ratio), ratio <= SameLoss));
    }

    private static string Count(int epochs) => epochs == 1 ? "1 epoch" : $"{epochs} epochs";

    private static LinearWeights Train(
        Func<LinearProblem, ILinearEngine> create, TrainingSet set, int batchSize, double rate, (int? Epochs, double? Seconds) end)
    {
        using var engine = new EngineRun(create, set, batchSize, rate);
        if (end.Epochs is { } count) engine.TrainEpochs(count);
        else engine.RowsPerSecond(TimeSpan.FromSeconds(end.Seconds!.Value));
        return engine.Weights;
    }

    private static LinearWeights Read(JsonElement answer) => new(
        [.. answer.GetProperty("weights").EnumerateArray().Select(weight => weight.GetSingle())], [answer.GetProperty("bias").GetSingle()]);

    /// <summary>
    /// Rows whose features are of scales from 1 down to 0.1, so that some weights are learned a hundred times as slowly as others.
    /// </summary>
    private static float[] Generate()
    {
        var random = new Random(1);
        var values = new float[Rows * (Features + 1)];
        for (var row = 0; row < Rows; row++)
        {
            var rest = values.AsSpan(row * (Features + 1), Features + 1);
            var label = Noise * Gaussian(random);
            for (var i = 0; i < Features; i++)
            {
                rest[i] = (float)(Math.Pow(10, -i / (Features - 1.0)) * Gaussian(random));
                label += (i % 2 == 0 ? 1 : -1) * rest[i];
            }

            rest[Features] = (float)label;
        }

        return values;
    }

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static TrainingSet ToSet(float[] values)
    {
        var builder = new TrainingSetBuilder(Features, hasWeights: false);
        for (var row = 0; row < Rows; row++)
        {
            var rest = values.AsSpan(row * (Features + 1), Features + 1);
            builder.Add(rest[..Features], [], rest[Features], 1);
        }

        return builder.Build("training");
    }

    private static double Loss(TrainingSet set, LinearWeights weights)
    {
        var sum = 0.0;
        for (var row = 0; row < set.RowCount; row++)
        {
            double score = weights.Biases[0];
            var features = set.Features(row);
            for (var i = 0; i < features.Length; i++) score += (double)weights.Weights[i] * features[i];
            sum += (score - set.Label(row)) * (score - set.Label(row));
        }

        return sum / set.RowCount;
    }

    /// <summary>The least loss that any weights have, by the normal equations.</summary>
    private static double LeastSquares(TrainingSet set)
    {
        const int Size = Features + 1;
        var equations = new double[Size, Size + 1];
        Span<double> row = stackalloc double[Size + 1];
        for (var i = 0; i < set.RowCount; i++)
        {
            for (var j = 0; j < Features; j++) row[j] = set.Features(i)[j];
            (row[Features], row[Size]) = (1, set.Label(i));
            for (var j = 0; j < Size; j++)
                for (var k = 0; k <= Size; k++)
                    equations[j, k] += row[j] * row[k];
        }

        // Gauss and Jordan; the matrix is positive definite, so no pivot is zero.
        for (var pivot = 0; pivot < Size; pivot++)
            for (var j = 0; j < Size; j++)
            {
                if (j == pivot) continue;
                var factor = equations[j, pivot] / equations[pivot, pivot];
                for (var k = pivot; k <= Size; k++) equations[j, k] -= factor * equations[pivot, k];
            }

        float[] solution = [.. Enumerable.Range(0, Size).Select(j => (float)(equations[j, Size] / equations[j, j]))];
        return Loss(set, new LinearWeights(solution[..Features], solution[Features..]));
    }
}
