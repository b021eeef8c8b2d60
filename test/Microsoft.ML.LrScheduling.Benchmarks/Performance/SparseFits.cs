using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// The whole of <c>Fit</c> on sparse rows, from a cached <see cref="IDataView"/> to a model, beside ML.NET's trainers on the same view and
/// liblinear on a file of the same rows; with the AUC on rows held out.
/// </summary>
internal static class SparseFits
{
    private const int Features = 1 << 20;
    private const int Values = 50;
    private const int Iterations = 10;
    private const string Sdca = "ML.NET's SdcaLogisticRegression";
    private const string Lbfgs = "ML.NET's LbfgsLogisticRegression";

    private static readonly string Perceptron = $"ML.NET's AveragedPerceptron, {Iterations} passes";

    // The order of the rows alone makes such differences.
    private const double SameAuc = 0.0005;

    public static void Measure(PerformanceRun run)
    {
        var rowCount = run.IsQuick ? 50_000 : 200_000;
        var heldOut = rowCount / 5;
        var rows = new TextRows(rowCount, Features, Values);
        var mlContext = new MLContext(seed: 1);
        var training = View(mlContext, rows, 0, rowCount - heldOut);
        var test = View(mlContext, rows, rowCount - heldOut, heldOut);
        var table = new Table(
            "sparse-fit", $"Fit of {Format.Count(rowCount - heldOut)} × {Format.Count(Features)}, {Values} values a row",
            "seconds (spread)", "AUC");
        var trainers = mlContext.BinaryClassification.Trainers;
        int[] passes = [1, 2, 5, Iterations];
        // Each with the AUC of the rows held out that it last reached.
        Dictionary<string, double> areas = [];
        Contestant[] contestants =
        [
            .. passes.Select(epochs => Fitted(Ours(epochs), trainers.TorchLogisticRegression(
                new TorchLogisticRegressionTrainer.Options { NumberOfEpochs = epochs, Seed = 1 }))),
            Fitted(Perceptron, trainers.AveragedPerceptron(numberOfIterations: Iterations)),
            Fitted(Sdca, trainers.SdcaLogisticRegression()),
            Fitted(Lbfgs, trainers.LbfgsLogisticRegression()),
        ];
        var measurement = run.Measurement with { Rounds = run.IsQuick ? 1 : 5 };
        var samples = contestants.Zip(measurement.Interleave(contestants)).ToDictionary(pair => pair.First.Name, pair => pair.Second);
        foreach (var (name, taken) in samples) table.Add(name, $"{taken}", areas[name].ToString("F4", CultureInfo.InvariantCulture));
        AddLiblinear(run, table, rows, rowCount - heldOut);
        run.Add(table);

        AddTarget(
            "AveragedPerceptron ÷ our Fit, seconds of as many passes, AUC no lower", 1.8,
            samples[Perceptron].Over(samples[Ours(Iterations)]), IsAsGood(Ours(Iterations), Perceptron));
        AddToSame("SdcaLogisticRegression ÷ our Fit, seconds to the same AUC", 1, Sdca);
        AddToSame("LbfgsLogisticRegression ÷ our Fit, seconds to the same AUC", 10, Lbfgs);

        Contestant Fitted(string name, IEstimator<ITransformer> trainer) => new(name, () =>
        {
            ITransformer? model = null;
            // What the one before has left behind is not to be collected in this one's time.
            GC.Collect();
            var seconds = Measurement.Seconds(() => model = trainer.Fit(training));
            if (!areas.ContainsKey(name))
                areas[name] = mlContext.BinaryClassification.EvaluateNonCalibrated(model!.Transform(test)).AreaUnderRocCurve;
            return seconds;
        });

        bool IsAsGood(string ours, string peer) => areas[ours] >= areas[peer] - SameAuc;

        void AddToSame(string what, double goal, string peer)
        {
            var reached = passes.Select(Ours).FirstOrDefault(ours => IsAsGood(ours, peer));
            AddTarget(what, goal, samples[peer].Over(samples[reached ?? Ours(Iterations)]), reached is not null);
        }

        void AddTarget(string what, double goal, Samples ratio, bool isAsGood)
        {
            var target = Target.AtLeast($"sparse rows, {what}", goal, ratio, " ×");
            run.Targets.Add(target with { IsMet = target.IsMet == true && isAsGood });
        }
    }

    private static string Ours(int passes) => passes == 1 ? "LrScheduling, 1 pass" : $"LrScheduling, {passes} passes";

    private static IDataView View(MLContext mlContext, TextRows rows, int start, int count)
    {
        var view = mlContext.Data.Cache(mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(start, count).Select(row => TextRow.Of(rows, row)).ToArray(), TextRow.Schema(rows.FeatureCount)));
        // The cache takes its columns in when they are first read.
        foreach (var _ in view.GetColumn<bool>(nameof(TextRow.Label))) continue;
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema[nameof(TextRow.Features)]);
        VBuffer<float> features = default;
        while (cursor.MoveNext()) getter(ref features);
        return view;
    }

    private static void AddLiblinear(PerformanceRun run, Table table, TextRows rows, int count)
    {
        const string Name = "liblinear-train -s 0, with reading its file";
        var (file, model) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            using (var writer = new StreamWriter(file))
                for (var row = 0; row < count; row++)
                {
                    writer.Write(rows.Labels[row] > 0 ? "1" : "-1");
                    for (var i = row * rows.ValuesPerRow; i < (row + 1) * rows.ValuesPerRow; i++)
                        writer.Write(string.Create(CultureInfo.InvariantCulture, $" {rows.Indices[i] + 1}:{rows.Values[i]}"));
                    writer.WriteLine();
                }

            var start = new ProcessStartInfo("liblinear-train", ["-q", "-s", "0", file, model]);
            var samples = new Samples([.. Enumerable.Range(0, run.IsQuick ? 1 : 3).Select(_ => Measurement.Seconds(() =>
            {
                using var process = Process.Start(start)!;
                process.WaitForExit();
            }))]);
            table.Add(Name, $"{samples}", "");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            table.AddMissing(Name, $"{e.Message} (Debian's liblinear-tools)");
        }
        finally
        {
            File.Delete(file);
            File.Delete(model);
        }
    }
}
