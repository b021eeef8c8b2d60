using System.Reflection;
using System.Text;
using FsCheck.Fluent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Tests.Losses;
using Microsoft.ML.LrScheduling.Tests.Optimizers;
using Microsoft.ML.LrScheduling.Tests.Schedules;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

/// <summary>The C# of a report is what its options were: it is compiled, run, and compared.</summary>
[TestClass]
public sealed class OptionsCodeTests
{
    [TestMethod]
    public void All_random_options_compile_to_what_they_were()
    {
        LrSchedule[] schedules =
        [
            .. RandomSchedules.Simple.Generator.Sample(300, size: 10).Concat(RandomSchedules.Nested.Generator.Sample(100, size: 10))
                .Concat(RandomSchedules.Open.Generator.Sample(50, size: 10)).Select(draw => draw.Schedule),
        ];
        var random = new Random(1);
        LinearTrainerOptions[] all = [.. schedules.Select((schedule, i) => Options(schedule, i, random))];
        Assert.HasCount(LrScheduleKinds, schedules.Select(schedule => schedule.GetType()).Distinct().ToArray(), "every kind is there");

        var compiled = Compile([.. all.Select(options => OptionsCode.Write(options))]);
        for (var i = 0; i < all.Length; i++) Assert.AreEqual(all[i].ToJson(), compiled[i].ToJson());
    }

    [TestMethod]
    public void It_is_what_a_person_would_write() => Assert.AreEqual(
        """
        var options = new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Price",
            NumberOfEpochs = 20,
            LearningRate = 0.01,
            LearningRateSchedule = LrSchedule.StepLR(30, gamma: 0.5),
            Optimizer = Optimizer.Adam(beta1: 0.8),
            EarlyStopping = new EarlyStopping { Patience = 5 },
            Loss = RegressionLoss.Huber(delta: 2),
        };
        var trainer = mlContext.Regression.Trainers.TorchLinearRegression(options);
        """.ReplaceLineEndings("\n"),
        OptionsCode.Write(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Price",
            NumberOfEpochs = 20,
            LearningRate = 0.01,
            LearningRateSchedule = LrSchedule.StepLR(30, gamma: 0.5),
            Optimizer = Optimizer.Adam(beta1: 0.8),
            EarlyStopping = new EarlyStopping { Patience = 5 },
            Loss = RegressionLoss.Huber(delta: 2),
        }));

    [TestMethod]
    [DataRow("plain \"quoted\" back\\slash")]
    [DataRow("right\u202Eto left, zero\u200Bwidth, tag \U000E0041, line\u2028end\n")]
    public void Names_are_compiled_as_they_are_and_hide_nothing(string name)
    {
        var code = OptionsCode.Write(new TorchLinearRegressionTrainer.Options { LabelColumnName = name });
        Assert.IsFalse(code.Any(c => c != '\n' && c is < ' ' or > '~'), code);
        Assert.AreEqual(name, Compile([code])[0].LabelColumnName);
    }

    [TestMethod]
    public void A_name_in_any_language_is_left_as_it_is() =>
        StringAssert.Contains(
            OptionsCode.Write(new TorchLinearRegressionTrainer.Options { LabelColumnName = "価格 été 😀" }), "\"価格 été 😀\"");

    [TestMethod]
    public void A_schedule_with_a_delegate_is_named_in_a_comment() =>
        StringAssert.Contains(
            OptionsCode.Write(new TorchLinearRegressionTrainer.Options(), "LambdaLR(lrLambda: delegate)"),
            "    // LearningRateSchedule holds a delegate: LambdaLR(lrLambda: delegate)\n");

    [TestMethod]
    public void A_delegate_takes_no_other_schedule_out_of_history_code_and_model()
    {
        var mlContext = new MLContext(seed: 1);
        var options = new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            NumberOfEpochs = 2,
            LearningRateSchedule = LrSchedule.StepLR(2, gamma: 0.5),
            BiasLearningRateSchedule = LrSchedule.LambdaLR(epoch => 1),
        };
        var rows = TaskCase.Rows(mlContext, 40);
        var model = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(rows);
        using var file = new MemoryStream();
        mlContext.Model.Save(model, rows.Schema, file);
        file.Position = 0;
        var report = Path.Combine(Path.GetTempPath(), $"lrscheduling-{Guid.NewGuid():N}.html");
        foreach (var history in new[] { model.History, TrainingHistory.Load(file) })
        {
            Assert.AreEqual(options.LearningRateSchedule, OptionsCode.Read(history)!.LearningRateSchedule);
            try
            {
                history.SaveReport(report);
                var page = File.ReadAllText(report);
                StringAssert.Contains(page, "LearningRateSchedule = LrSchedule.StepLR(2, gamma: 0.5)");
                StringAssert.Contains(page, "// BiasLearningRateSchedule holds a delegate: LambdaLR(lrLambda: delegate)");
                Assert.DoesNotContain("// LearningRateSchedule holds a delegate", page);
            }
            finally
            {
                File.Delete(report);
            }
        }
    }

    [TestMethod]
    [DataRow("System.Diagnostics.Process.Start(\"sh\");//")]
    [DataRow("")]
    [DataRow("TorchLinearRegressionTrainer ")]
    public void A_trainer_that_is_none_of_ours_gives_no_code(string trainer) =>
        Assert.IsNull(OptionsCode.Read(History(trainer, "{}")));

    [TestMethod]
    [DataRow("[]")]
    [DataRow("{\"noSuchOption\":1}")]
    [DataRow("1")]
    public void Options_that_cannot_be_read_give_no_code(string options) =>
        Assert.IsNull(OptionsCode.Read(History(nameof(TorchLinearRegressionTrainer), options)));

    private static int LrScheduleKinds => typeof(LrSchedule).GetMethods(BindingFlags.Static | BindingFlags.Public)
        .Select(factory => factory.ReturnType).Where(type => type.IsSubclassOf(typeof(LrSchedule))).Distinct().Count();

    private static TrainingHistory History(string trainer, string options) =>
        new() { Epochs = [], StopReason = StopReason.Completed, Trainer = trainer, Options = options };

    private static LinearTrainerOptions Options(LrSchedule schedule, int i, Random random)
    {
        LinearTrainerOptions options = (i % 3) switch
        {
            0 => new TorchLinearRegressionTrainer.Options
            {
                Loss = Next<RegressionLoss>(),
            },
            1 => new TorchLogisticRegressionTrainer.Options
            {
                Loss = Next<BinaryLoss>(),
            },
            _ => new TorchMaximumEntropyTrainer.Options { Loss = Next<MulticlassLoss>() },
        };
        T Next<T>()
        {
            T[] losses = [.. SampleLosses.All.OfType<T>()];
            return losses[i / 3 % losses.Length];
        }

        (options.LearningRateSchedule, options.Optimizer) = (schedule, SampleOptimizers.All[i % SampleOptimizers.All.Length]);
        if (i % 2 == 0) options.LearningRate = Math.Pow(10, random.NextDouble() * 600 - 300);
        if (i % 4 == 0) options.NumberOfEpochs = random.Next(1, int.MaxValue);
        if (i % 5 == 0)
            options.EarlyStopping =
                new EarlyStopping { Metric = Metric.TrainingLoss, MinimumChange = random.NextDouble(), RestoreBestWeights = false };
        if (i % 6 == 0)
            options.Checkpoints = new Checkpoints { Folder = @"C:\ck""ed", EveryEpochs = 3, Every = TimeSpan.FromMilliseconds(i + 1) };
        if (i % 5 == 0) options.Averaging = new WeightAveraging { StartEpoch = i % 3, Decay = 0.25 };
        if (i % 7 == 0) options.GradientClipping = new GradientClipping { MaximumNorm = 1, MaximumValue = 0.25 };
        if (i % 8 == 0) (options.Engine, options.MonitoredMetric, options.Standardize) = (TrainingEngine.Torch, Metric.TrainingLoss, false);
        if (i % 9 == 0) (options.BiasLearningRateSchedule, options.Seed) = (LrSchedule.ExponentialLR(0.9), -1);
        if (i % 10 == 0) options.L2Regularization = 0;
        return options;
    }

    // One compilation for all, since starting the compiler is most of the time.
    private static LinearTrainerOptions[] Compile(string[] codes)
    {
        var source = new StringBuilder("""
            using System; using Microsoft.ML; using Microsoft.ML.LrScheduling.Losses; using Microsoft.ML.LrScheduling.Optimizers;
            using Microsoft.ML.LrScheduling.Schedules; using Microsoft.ML.LrScheduling.Trainers; using Microsoft.ML.LrScheduling.Training;
            public static class Pasted
            {

            """);
        foreach (var (i, code) in codes.Index())
            source.Append($"public static LinearTrainerOptions M{i}(MLContext mlContext) {{ {BeforeTrainer(code)}\nreturn options; }}\n");
        source.Append('}');
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.ML", StringComparison.Ordinal) || name.StartsWith("netstandard", StringComparison.Ordinal)))
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("Pasted", [CSharpSyntaxTree.ParseText(source.ToString())], references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.IsTrue(result.Success, string.Join("\n", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)
            .Take(5).Select(d => $"{d}\n{d.Location.SourceTree!.GetText().Lines[d.Location.GetLineSpan().StartLinePosition.Line]}")));
        var type = Assembly.Load(image.ToArray()).GetType("Pasted")!;
        return [.. codes.Index().Select(code => Invoke(type.GetMethod($"M{code.Index}")!))];

        // What the trainer would refuse is not the code's concern.
        static string BeforeTrainer(string code) =>
            code.Replace("\nvar trainer", "\nif (mlContext is not null) return options;\nvar trainer", StringComparison.Ordinal);

        static LinearTrainerOptions Invoke(MethodInfo method) =>
            (LinearTrainerOptions)method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [new MLContext()], null)!;
    }
}
