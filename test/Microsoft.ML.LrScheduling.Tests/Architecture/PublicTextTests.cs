using System.Globalization;
using System.Reflection;
using Microsoft.ML.LrScheduling.Loops;
using Microsoft.ML.LrScheduling.Monitoring;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Losses;
using Microsoft.ML.LrScheduling.Tests.Optimizers;
using Microsoft.ML.LrScheduling.Tests.Schedules;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Tests.Architecture;

/// <summary>Holds what <c>ToString</c> of all public types has in common.</summary>
[TestClass]
public sealed class PublicTextTests
{
    private static readonly Assembly Library = typeof(LinearTrainerOptions).Assembly;

    [TestMethod]
    public void Every_public_object_is_one_readable_line_in_every_culture()
    {
        var objects = Objects();
        var missing = Library.GetExportedTypes().Where(type => !(type.IsAbstract || type.IsEnum || type.IsAssignableTo(typeof(Exception))))
            .Except(objects.Select(value => value.GetType().IsGenericType ? value.GetType().GetGenericTypeDefinition() : value.GetType()));
        Assert.AreEqual("", string.Join(", ", missing), "a type of which there is no object here");

        var culture = CultureInfo.CurrentCulture;
        try
        {
            foreach (var value in objects)
            {
                CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
                var text = value.ToString()!;
                Assert.IsFalse(text.Contains('`') || text.Contains('\n') || text.Contains("System.", StringComparison.Ordinal), text);
                Assert.IsInRange(1, 1000, text.Length, text);
                CultureInfo.CurrentCulture = new CultureInfo("de-DE");
                Assert.AreEqual(text, value.ToString(), value.GetType().Name);
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [TestMethod]
    public void Names_of_a_user_do_not_make_a_text_of_many_lines_or_a_long_one()
    {
        var mlContext = new MLContext(seed: 1);
        var rows = TaskCase.Rows(mlContext, 40);
        var endless = new string('x', 100_000);
        foreach (var (name, value) in new[] { ("a\nb", "c\r\nd"), (endless, endless) })
        {
            var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
            {
                LabelColumnName = "Number",
                NumberOfEpochs = 1,
                LearningRate = draw.Choice(name, value) == value ? 0.1 : 0.2,
            });
            var study = mlContext.Regression.Trainers.Sweep(space, rows, new SweepOptions { Strategy = SweepStrategy.Random(1) });
            var failing = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
            {
                BatchSize = draw.Choice(name, value).Length - endless.Length,
            });
            var failed = Assert.ThrowsExactly<InvalidOperationException>(
                () => mlContext.Regression.Trainers.Sweep(failing, rows, new SweepOptions { Strategy = SweepStrategy.Random(4) }));
            foreach (var text in new[] { $"{study}", $"{study.Best}", $"{study.Best.Hyperparameters}", failed.Message })
            {
                Assert.DoesNotContain("\n", text);
                Assert.IsInRange(1, 1000, text.Length);
            }
        }
    }

    /// <summary>Objects of every public type, with what their public properties hold.</summary>
    private static List<object> Objects()
    {
        var mlContext = new MLContext(seed: 1);
        var rows = TaskCase.Rows(mlContext, 40);
        var found = new List<object>();
        foreach (var task in TaskCase.All.Select(all => (TaskCase)all[0]))
        {
            var progress = new Collector<TrainingProgress>(found.Add);
            var (transformer, _, _) = task.Fit(mlContext, rows, options =>
            {
                (options.NumberOfEpochs, options.ValidationFraction, options.Progress) = (2, 0.2, progress);
                (options.LearningRateSchedule, options.EarlyStopping) = (LrSchedule.OneCycleLR(0.1), new EarlyStopping { Patience = 5 });
            });
            found.AddRange(transformer, task.Trainer(mlContext));
        }

        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            NumberOfEpochs = 2,
            LearningRate = draw.LogRange("rate", 0.01, 0.1),
            Optimizer = draw.Choice<Optimizer>("optimizer", Optimizer.Sgd(), Optimizer.Adam(beta1: 0.5)),
            LearningRateSchedule = draw.Choice<LrSchedule>("schedule", LrSchedule.StepLR(1), LrSchedule.LambdaLR("0.5 ** epoch")),
        });
        var sweep = new SweepOptions
        {
            Strategy = SweepStrategy.Random(3),
            NumberOfFolds = 2,
            Metric = Metric.RSquared,
            Progress = new Collector<SweepProgress>(found.Add),
        };
        found.AddRange(space, sweep, mlContext.Regression.Trainers.Sweep(space, rows, sweep));
        var options = new TorchLogisticRegressionTrainer.Options
        {
            LearningRate = 0.25,
            Optimizer = Optimizer.Sgd(momentum: 0.9),
            GradientClipping = new GradientClipping { MaximumNorm = 0.5 },
            Averaging = new WeightAveraging { Decay = 0.5 },
            Checkpoints = new Checkpoints { Folder = "here", Every = TimeSpan.FromSeconds(1.5) },
            EarlyStopping = new EarlyStopping { MinimumChange = 0.5 },
            Progress = new Progress<TrainingProgress>(),
            LearningRateSchedule = LrSchedule.LambdaLR(epoch => 0.5),
        };
        found.AddRange(options, new TorchLinearRegressionTrainer.Options(), new TorchMaximumEntropyTrainer.Options());
        found.AddRange(new LearningRateFinder { Steps = 30 }, new LearningRateCurve([new(0.1, 0.5), new(0.2, 1.5)], 1.5));
        var scheduler = SampleSchedules.All[0].Start(0.1, 0.25);
        found.AddRange(scheduler, scheduler.Save(), LrSchedule.ChainedScheduler([LrSchedule.StepLR(2)]).Start(0.1).Save());
        found.AddRange(LrSchedule.StepLR(2).Preview(3, 4, 0.1), LrSchedule.StepLR(2).Preview(3, 4, 0.1).ToChart("two\nlines"));
        found.AddRange(SampleSchedules.All);
        LrSchedule.CustomLR(Seen, [Seen], [0.5]).Start(0.1, 0.25).Step(0.5);
        found.AddRange(SampleOptimizers.All);
        found.AddRange(SampleLosses.All);
        using var layer = torch.nn.Linear(2, 1);
        using var optimizer = Optimizer.Sgd().ToTorch(layer.parameters(), 0.1);
        found.AddRange(optimizer, LrSchedule.StepLR(2).Drive(optimizer));
        found.Add(new TensorBoardLog("runs"));
        found.Add(new Hyperparameter("a", "two\nlines", null));
        found.Add(TrainingReport.Compare(("two\nlines", new TrainingHistory { Epochs = [], StopReason = StopReason.Completed })));

        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var all = new List<object>();
        for (var i = 0; i < found.Count; i++) Visit(found[i]);
        return all;

        double Seen(LrStep step)
        {
            found.Add(step);
            return 0.5;
        }

        void Visit(object? value)
        {
            if (value is null or string || value.GetType() is not { } type || !type.IsValueType && !seen.Add(value)) return;
            if (value is System.Collections.IEnumerable list)
                foreach (var item in list) Visit(item);
            var isKind = type.BaseType is { IsPublic: true } kind && kind.Assembly == Library;
            if (type.Assembly != Library || !(type.IsPublic || type.IsNestedPublic || isKind)) return;
            all.Add(value);
            foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public))
                if (property.GetIndexParameters().Length == 0)
                    Visit(property.GetValue(value));
        }
    }

    private sealed class Collector<T>(Action<object> take) : IProgress<T>
    {
        public void Report(T value) => take(value!);
    }
}
