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
        Dictionary<int, (Samples Seconds, double Auc)> ours = [];
        foreach (var epochs in new[] { 1, 2, 5, Iterations })
            ours[epochs] = Fit(
                $"LrScheduling, {Passes(epochs)}", trainers.TorchLogisticRegression(new TorchLogisticRegressionTrainer.Options
                {
                    NumberOfEpochs = epochs,
                    Seed = 1,
                }));
        var perceptron = Fit(
            $"ML.NET's AveragedPerceptron, {Passes(Iterations)}", trainers.AveragedPerceptron(numberOfIterations: Iterations));
        var sdca = Fit("ML.NET's SdcaLogisticRegression", trainers.SdcaLogisticRegression());
        var lbfgs = Fit("ML.NET's LbfgsLogisticRegression", trainers.LbfgsLogisticRegression());
        AddLiblinear(run, table, rows, rowCount - heldOut);
        run.Add(table);

        var (seconds, auc) = ours[Iterations];
        var ratio = perceptron.Seconds.Over(seconds);
        AddTarget("AveragedPerceptron ÷ our Fit, seconds of as many passes, AUC no lower", 1.8, ratio, auc >= perceptron.Auc - SameAuc);
        AddToSame("SdcaLogisticRegression ÷ our Fit, seconds to the same AUC", 1, sdca);
        AddToSame("LbfgsLogisticRegression ÷ our Fit, seconds to the same AUC", 10, lbfgs);

        (Samples Seconds, double Auc) Fit(string name, IEstimator<ITransformer> trainer)
        {
            ITransformer? model = null;
            // Such fits take seconds: what compiling and warming up add to the first is little beside them.
            var samples = new Samples(
                [.. Enumerable.Range(0, run.IsQuick ? 1 : 3).Select(_ => Measurement.Seconds(() => model = trainer.Fit(training)))]);
            var auc = mlContext.BinaryClassification.EvaluateNonCalibrated(model!.Transform(test)).AreaUnderRocCurve;
            table.Add(name, $"{samples}", auc.ToString("F4", CultureInfo.InvariantCulture));
            return (samples, auc);
        }

        void AddToSame(string what, double goal, (Samples Seconds, double Auc) peer)
        {
            var reached = ours.Where(fit => fit.Value.Auc >= peer.Auc - SameAuc).OrderBy(fit => fit.Key).Select(fit => fit.Value.Seconds)
                .FirstOrDefault();
            AddTarget(what, goal, peer.Seconds.Over(reached ?? seconds), reached is not null);
        }

        void AddTarget(string what, double goal, Samples ratio, bool isAsGood)
        {
            var target = Target.AtLeast($"sparse rows, {what}", goal, ratio, " ×");
            run.Targets.Add(target with { IsMet = target.IsMet == true && isAsGood });
        }
    }

    private static string Passes(int count) => count == 1 ? "1 pass" : $"{count} passes";

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
