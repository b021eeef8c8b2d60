using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Monitoring;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Spectre.Console;
using Tensorboard;
using Metric = Microsoft.ML.LrScheduling.Schedules.Metric;

namespace Microsoft.ML.LrScheduling.Tests.Monitoring;

/// <summary>
/// Where progress goes: the console, the files of TensorBoard, a meter. What is expected is the history of the same training.
/// </summary>
[TestClass]
public sealed class MonitoringTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-");
    private bool _isBroken;

    [TestCleanup]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void TensorBoard_has_the_rates_losses_and_metrics_of_each_epoch()
    {
        var history = Train(new TensorBoardLog(Path.Combine(_folder.FullName, "step")));
        var events = Events("step");
        CollectionAssert.AreEqual(
            history.Epochs.Select(epoch => (epoch.Epoch, (float)epoch.LearningRates[0])).ToArray(),
            Scalars(events, "learning_rate/weights"));
        CollectionAssert.AreEqual(
            history.Epochs.Select(epoch => (epoch.Epoch, (float)epoch.TrainingLoss)).ToArray(), Scalars(events, "loss/training"));
        CollectionAssert.AreEqual(
            history.Epochs.Select(epoch => (epoch.Epoch, (float)epoch[Metric.ValidationLoss]!.Value)).ToArray(),
            Scalars(events, "loss/validation"));
        CollectionAssert.AreEqual(
            history.Epochs.Select(epoch => (epoch.Epoch, (float)epoch[Metric.RSquared]!.Value)).ToArray(),
            Scalars(events, "metric/RSquared"));
    }

    [TestMethod]
    public void TensorBoard_has_each_trial_of_a_sweep_in_a_run_of_its_own()
    {
        var log = new TensorBoardLog(Path.Combine(_folder.FullName, "sweep"));
        var study = Sweep(log);
        foreach (var trial in study.Trials)
        {
            var events = Events(Path.Combine("sweep", $"trial-{trial.Number}"));
            Assert.AreEqual((3, (float)trial.Score!.Value), Scalars(events, "score")[^1]);
            StringAssert.Contains(
                events.SelectMany(one => one.Summary?.Value ?? [])
                    .Single(value => value.Tag.StartsWith("hyperparameters", StringComparison.Ordinal)).Tensor
                    .StringVal[0].ToStringUtf8(), "| rate |");
        }

        log.Add(study.Trials[1].History, "best");
        Assert.HasCount(3, Scalars(Events(Path.Combine("sweep", "best")), "loss/training"));
    }

    [TestMethod]
    public void A_second_sweep_with_the_same_log_has_runs_of_its_own()
    {
        var log = new TensorBoardLog(Path.Combine(_folder.FullName, "sweep"));
        Study<TorchLinearRegressionTrainer.Options>[] studies = [Sweep(log), Sweep(log, seed: 2)];
        Assert.AreNotEqual(studies[0].Trials[0].Hyperparameters[0].Number, studies[1].Trials[0].Hyperparameters[0].Number);
        foreach (var (study, folder) in studies.Zip(new[] { "sweep", Path.Combine("sweep", "sweep-2") }))
            foreach (var trial in study.Trials)
            {
                var events = Events(Path.Combine(folder, $"trial-{trial.Number}"));
                CollectionAssert.AreEqual(
                    trial.History.Epochs.Select(epoch => (epoch.Epoch, (float)epoch[Metric.ValidationLoss]!.Value)).ToArray(),
                    Scalars(events, "score"));
                StringAssert.Contains(
                    events.SelectMany(one => one.Summary?.Value ?? [])
                        .Single(value => value.Tag.StartsWith("hyperparameters", StringComparison.Ordinal)).Tensor
                        .StringVal[0].ToStringUtf8(), $"| rate | {trial.Hyperparameters[0].Number:G4} |");
            }
    }

    [TestMethod]
    public void A_log_that_cannot_be_written_says_so_before_training()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "mine");
        foreach (var folder in OperatingSystem.IsLinux() ? [file, Path.Combine(file, "run"), "/proc/run"] : new[] { file })
            StringAssert.StartsWith(
                Assert.ThrowsExactly<IOException>(() => new TensorBoardLog(folder)).Message,
                $"TensorBoardLog cannot write to the folder {folder}: ");
        Assert.AreEqual("mine", File.ReadAllText(file));

        var log = new TensorBoardLog(Path.Combine(_folder.FullName, "runs"));
        Assert.HasCount(0, Directory.GetFileSystemEntries(log.Folder));
        Directory.Delete(log.Folder);
        File.WriteAllText(log.Folder, "mine");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<IOException>(() => Train(log)).Message, $"TensorBoardLog cannot write to the folder {log.Folder}: ");
    }

    [TestMethod]
    public void What_is_piped_has_a_line_an_epoch_in_their_order_and_no_escape_codes()
    {
        var (console, written) = Console(isTerminal: false);
        using (var progress = new ConsoleProgress(console)) Train(progress);
        var lines = written.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n');
        Assert.HasCount(5, lines);
        for (var i = 0; i < 5; i++) StringAssert.StartsWith(lines[i], $"epoch {i + 1}/5: rate ");
        Assert.DoesNotContain('\e', written.ToString());

        written.Clear();
        using (var progress = new ConsoleProgress(console)) Sweep(progress);
        StringAssert.Contains(written.ToString(), "3 trials ended, 0 running; the best by ValidationLoss: trial ");
    }

    [TestMethod]
    public void A_terminal_shows_a_bar_the_epoch_and_the_best_trials()
    {
        var (console, written) = Console(isTerminal: true);
        using (var progress = new ConsoleProgress(console)) Train(progress);
        StringAssert.Contains(written.ToString(), "100% completed after 0:00");
        StringAssert.Contains(written.ToString(), "epoch 5/5: rate ");

        written.Clear();
        using (var progress = new ConsoleProgress(console)) Sweep(progress);
        foreach (var text in new[] { "3 trials ended, 0 running", "rate", "schedule", "ValidationLoss", "Completed" })
            StringAssert.Contains(written.ToString(), text);
        // The cursor is there again.
        Assert.IsGreaterThan(
            written.ToString().LastIndexOf("\e[?25l", StringComparison.Ordinal),
            written.ToString().LastIndexOf("\e[?25h", StringComparison.Ordinal));
    }

    [TestMethod]
    // An average of ten minutes for each of 2³¹ − 2 epochs is more than a TimeSpan holds, 2⁶³ ticks of 100 ns.
    [DataRow(1, int.MaxValue, 600.0, "0% 256204778:48:05 left")]
    [DataRow(1, 0, 1.0, "100% 0:00 left")]
    [DataRow(3, 2, 1.0, "100% 0:00 left")]
    [DataRow(1, 5, -1.0, "20% 0:00 left")]
    public void Odd_numbers_of_epochs_and_times_do_not_break_the_display(int epoch, int epochs, double seconds, string says)
    {
        foreach (var width in new[] { 120, 12, 1 })
        {
            var (console, written) = Console(isTerminal: true, width);
            using var progress = new ConsoleProgress(console);
            progress.Report(new TrainingProgress(
                new EpochRecord
                {
                    Epoch = epoch,
                    LearningRates = [double.NaN],
                    BatchLearningRates = [],
                    ValidationMetrics = ImmutableSortedDictionary<Metric, double>.Empty,
                    TrainingLoss = double.PositiveInfinity,
                    Duration = TimeSpan.FromSeconds(seconds),
                },
                epochs, 0));
            if (width == 120) StringAssert.Contains(Regex.Replace($"{written}", "\\e\\[[0-9;?]*[A-Za-z]", ""), says);
            var trial = new TrialProgress(0, [], 0, double.NaN, Ended: null);
            progress.Report(new SweepProgress(Metric.ValidationLoss, [trial], 0) { TimeLeft = TimeSpan.FromSeconds(-5) });
            if (width == 120) StringAssert.Contains(SweepText(), "0 trials ended, 0 running, 0:00 left");
        }

        static string SweepText()
        {
            var (console, written) = Console(isTerminal: true);
            console.Write(SweepView.Of(
                new SweepProgress(Metric.ValidationLoss, [], 0) { TimeLeft = TimeSpan.FromSeconds(-5) }, sweepEnded: null,
                width: 120, height: 0));
            return $"{written}";
        }
    }

    [TestMethod]
    public void The_display_of_a_training_ends_with_it_and_says_how()
    {
        var (console, written) = Console(isTerminal: true);
        using var progress = new ConsoleProgress(console);
        var ends = new (string Says, Action<TorchLinearRegressionTrainer.Options> Configure, Type? Throws)[]
        {
            ("% early stopped after 0:00",
                options => options.EarlyStopping = new EarlyStopping { MinimumChange = 1e9, Patience = 1 }, null),
            ("% cancelled after 0:00", options => CancelAfterTwo(options, CancellationMode.ReturnBest), null),
            ("% cancelled after 0:00", options => CancelAfterTwo(options, CancellationMode.Throw), typeof(OperationCanceledException)),
            ("% diverged after 0:00", options => options.LearningRateSchedule = LrSchedule.LambdaLR("epoch < 2 ? 1 : 1e9"),
                typeof(TrainingDivergedException)),
            ("% failed after 0:00",
                options => options.LearningRateSchedule =
                    LrSchedule.LambdaLR(epoch => epoch < 2 || !_isBroken ? 1 : throw new FormatException()),
                typeof(ScheduleException)),
        };
        foreach (var (says, configure, throws) in ends)
        {
            var options = Options(0.05, progress);
            options.NumberOfEpochs = 1000;
            configure(options);
            var trainer = _mlContext.Regression.Trainers.TorchLinearRegression(options);
            _isBroken = false;
            var data = Data();
            _isBroken = true;
            if (throws is null) trainer.Fit(data);
            else Assert.AreEqual(throws, Assert.Throws<Exception>(() => trainer.Fit(data)).GetType());
            EndsWith(says);
        }

        void EndsWith(string says)
        {
            StringAssert.Contains(written.ToString(), says);
            var length = written.Length;
            written.Append("a line of the user's");
            progress.Dispose();
            Assert.AreEqual(length + "a line of the user's".Length, written.Length, says);
            written.Clear();
        }
    }

    [TestMethod]
    public void The_display_of_a_sweep_ends_with_it_and_shows_the_time_left()
    {
        var (console, written) = Console(isTerminal: true);
        using var progress = new ConsoleProgress(console);
        Sweep(progress);
        // Of three trials at random it is known from the first epoch on.
        StringAssert.Contains(Plain(), "0 trials ended, 3 running, 0:00 left");
        var length = written.Length;
        progress.Dispose();
        Assert.AreEqual(length, written.Length);

        var reports = new List<object>();
        _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Of(draw => Options(draw.LogRange("rate", 0.01, 0.1), null)), Data(), new SweepOptions
            {
                Strategy = SweepStrategy.SuccessiveHalving(4, reduction: 2),
                Progress = new Ending(reports, progress),
            });
        CollectionAssert.AreEqual(new object[] { StopReason.Completed }, reports.OfType<StopReason>().ToArray());
        var last = reports.OfType<SweepProgress>().Last();
        Assert.AreEqual(4, last.EndedCount, "those that were left in the end are told of too");
        Assert.IsNull(reports.OfType<SweepProgress>().First().TimeLeft);

        string Plain() => Regex.Replace(written.ToString(), "\\e\\[[0-9;?]*[A-Za-z]", "");
    }

    [TestMethod]
    public void A_progress_may_ask_how_training_and_sweeps_end()
    {
        var reports = new List<object>();
        Train(new Ending(reports));
        Assert.AreEqual(StopReason.Completed, reports[^1]);
        Assert.HasCount(6, reports);
        reports.Clear();
        using var source = new CancellationTokenSource();
        var options = new SweepOptions
        {
            Strategy = SweepStrategy.Random(3),
            Progress = new Ending(reports, told: source.Cancel),
            CancellationToken = source.Token,
            Cancellation = CancellationMode.ReturnBest,
        };
        var space = SweepSpace.Of(draw => Options(draw.LogRange("rate", 0.01, 0.1), null));
        _mlContext.Regression.Trainers.Sweep(space, Data(), options);
        Assert.AreEqual(StopReason.Cancelled, reports[^1]);
        Assert.AreEqual(3, ((SweepProgress)reports[^2]).EndedCount);
        Assert.ThrowsExactly<OperationCanceledException>(
            () => _mlContext.Regression.Trainers.Sweep(space, Data(), options with { Cancellation = CancellationMode.Throw }));
        Assert.AreEqual(StopReason.Cancelled, reports[^1]);
    }

    [TestMethod]
    public void A_second_display_on_one_terminal_is_lines()
    {
        var (console, written) = Console(isTerminal: true);
        using var first = new ConsoleProgress(console);
        using var second = new ConsoleProgress(console);
        var epochs = new List<TrainingProgress>();
        Train(new Collected(epochs.Add));
        first.Report(epochs[0]);
        second.Report(epochs[1]);
        first.Report(epochs[^1]);
        second.Report(epochs[^1]);
        StringAssert.Contains(written.ToString(), $"{epochs[1]}");
    }

    [TestMethod]
    [DoNotParallelize]
    public void A_second_display_of_the_process_is_lines_above_the_first()
    {
        var (output, own, written) = (System.Console.Out, AnsiConsole.Console, new StringWriter());
        System.Console.SetOut(written);
        try
        {
            // As a terminal is, which standard output of tests is not.
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.Yes,
                Interactive = InteractionSupport.Yes,
                Out = new Output(System.Console.Out, isTerminal: true),
            });
            var epochs = new List<TrainingProgress>();
            Train(new Collected(epochs.Add));
            using var first = new ConsoleProgress();
            using var second = new ConsoleProgress();
            first.Report(epochs[0]);
            StringAssert.Contains($"{written}", "━");
            var before = $"{written}".Length;
            second.Report(epochs[1]);
            var line = $"{written}"[before..];
            // The cursor goes back to where the display begins, and the display is drawn again below the line.
            Assert.IsGreaterThan(
                line.IndexOf($"{epochs[1]}", StringComparison.Ordinal), line.LastIndexOf($"{epochs[0]}", StringComparison.Ordinal));
            Assert.IsGreaterThan(line.IndexOf('\e'), line.IndexOf($"{epochs[1]}", StringComparison.Ordinal));
            // Nothing stays of what the line is written over: the terminal has 120 columns.
            StringAssert.Contains(line, $"{epochs[1]}".PadRight(119));
            Assert.AreEqual(1, Regex.Count(line, "━ *\\d+%|━\\e\\[0m \\d+%"), line);
        }
        finally
        {
            System.Console.SetOut(output);
            AnsiConsole.Console = own;
        }
    }

    [TestMethod]
    [DataRow(60, 12)]
    [DataRow(80, 24)]
    [DataRow(99, 40)]
    [DataRow(120, 40)]
    public void A_table_of_trials_fits_the_terminal_and_breaks_no_number(int width, int height)
    {
        var (console, written) = Console(isTerminal: true, width, height);
        using (var progress = new ConsoleProgress(console))
            progress.Report(new SweepProgress(
                Metric.ValidationLoss,
                [
                    .. Enumerable.Range(0, 30).Select(trial => new TrialProgress(
                        trial,
                        [
                            .. Enumerable.Range(0, 9).Select(i => new Hyperparameter($"hyperparameter {i}", "", 1.234e-5 * (i + 1))),
                            new Hyperparameter("schedule", new string('x', 150), null),
                        ],
                        5, 0.1234 + trial, StopReason.Completed)),
                ],
                30));
        var frame = Regex.Replace($"{written}", "\e\\[[0-9;?]*[a-zA-Z]", "").ReplaceLineEndings("\n");
        var lines = frame[..(frame.IndexOf('╯') + 1)].Split('\n');
        Assert.IsLessThanOrEqualTo(width, lines.Max(line => line.Length));
        Assert.IsLessThan(height, lines.Length + 1);
        var rows = lines.Where(line => Regex.IsMatch(line, "│ \\d")).ToArray();
        Assert.AreEqual(Math.Min(10, height - 7), rows.Length);
        foreach (var (row, trial) in rows.Select((row, trial) => (row, trial)))
        {
            StringAssert.Contains(row, $" {(0.1234 + trial).ToString("G4", System.Globalization.CultureInfo.InvariantCulture)} ");
            StringAssert.Contains(row, " Completed ");
            if (width >= 80) StringAssert.Contains(row, " 1.234E-05 ");
        }

        StringAssert.Contains(frame, $"and {30 - rows.Length} more");
        Assert.HasCount(rows.Length, lines.Where(line => line.StartsWith('│')).Skip(1).ToArray(), "each trial has one line");
    }

    [TestMethod]
    public void The_meter_has_each_epoch()
    {
        var measured = new ConcurrentQueue<(string Name, double Value)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Meter.Name == "Microsoft.ML.LrScheduling") own.EnableMeasurementEvents(instrument);
            },
        };
        var thread = Environment.CurrentManagedThreadId;
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            // Other tests train at the same time.
            if (Environment.CurrentManagedThreadId == thread) measured.Enqueue((instrument.Name, value));
        });
        listener.Start();
        var history = Train(progress: null);
        CollectionAssert.AreEqual(
            history.Epochs.Select(epoch => epoch.TrainingLoss).ToArray(),
            measured.Where(one => one.Name == "lrscheduling.training.loss").Select(one => one.Value).ToArray());
        CollectionAssert.AreEqual(
            history.Epochs.Select(epoch => epoch[Metric.ValidationLoss]!.Value).ToArray(),
            measured.Where(one => one.Name == "lrscheduling.validation.loss").Select(one => one.Value).ToArray());
    }

    [TestMethod]
    public void The_code_in_the_document_is_here()
    {
        var here = Lines(File.ReadAllText(TestData.PathOf("MonitoringTests.cs.txt")));
        var blocks = Regex.Matches(File.ReadAllText(TestData.PathOf("monitoring.md")).ReplaceLineEndings("\n"), "```csharp\n(.*?)```",
            RegexOptions.Singleline);
        Assert.HasCount(5, blocks);
        foreach (var block in blocks.Select(match => Lines(match.Groups[1].Value))) StringAssert.Contains(here, block);

        static string Lines(string code) =>
            string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()));
    }

    [TestMethod]
    [DoNotParallelize]
    public void A_relative_folder_is_one_folder_wherever_the_process_goes()
    {
        var (options, here) = (Options(0.05, null), Environment.CurrentDirectory);
        try
        {
            Environment.CurrentDirectory = _folder.FullName;
            options.Progress = new TensorBoardLog("runs");
            Environment.CurrentDirectory = Path.GetTempPath();
            _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Data());
        }
        finally
        {
            Environment.CurrentDirectory = here;
        }

        Assert.HasCount(5, Scalars(Events(Path.Combine(_folder.FullName, "runs")), "loss/training"));
    }

    [TestMethod]
    [DoNotParallelize]
    public void The_code_in_the_document_runs()
    {
        var (output, here, written) = (System.Console.Out, Environment.CurrentDirectory, new StringWriter());
        System.Console.SetOut(written);
        Environment.CurrentDirectory = _folder.FullName;
        try
        {
            var options = Options(0.05, null);
            Export();
            options.Progress = new TensorBoardLog("runs/step");
            Fit();
            var log = new TensorBoardLog("runs/sweep");
            var sweep = new SweepOptions { Strategy = SweepStrategy.Random(2), Progress = log };
            var study = _mlContext.Regression.Trainers.Sweep(
                SweepSpace.Of(draw => Options(draw.LogRange("rate", 0.01, 0.1), null)), Data(), sweep);
            log.Add(study.Best.History, "best");
            Show();

            StringAssert.Contains($"{written}", "lrscheduling.training.loss");
            StringAssert.Contains($"{written}", "epoch 5/5: rate ");
            Assert.HasCount(5, Scalars(Events(Path.Combine("runs", "step")), "loss/training"));
            Assert.HasCount(5, Scalars(Events(Path.Combine("runs", "sweep", "best")), "loss/training"));

            void Fit() => _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Data());

            void Export()
            {
                using var meters = Sdk.CreateMeterProviderBuilder().AddMeter("Microsoft.ML.LrScheduling").AddConsoleExporter().Build();
                Fit();
                meters.ForceFlush();
            }

            void Show()
            {
                using var progress = new ConsoleProgress();
                options.Progress = progress;
                Fit();
            }
        }
        finally
        {
            System.Console.SetOut(output);
            Environment.CurrentDirectory = here;
        }
    }

    private TrainingHistory Train(IProgress<TrainingProgress>? progress) =>
        _mlContext.Regression.Trainers.TorchLinearRegression(Options(0.05, progress)).Fit(Data()).History!;

    private Study<TorchLinearRegressionTrainer.Options> Sweep(IProgress<SweepProgress> progress, int seed = 1)
    {
        var space = SweepSpace.Of(draw =>
        {
            var options = Options(draw.LogRange("rate", 0.01, 0.1), null);
            options.LearningRateSchedule = draw.Choice<LrSchedule>("schedule", LrSchedule.StepLR(2), LrSchedule.ExponentialLR(0.9));
            options.NumberOfEpochs = 3;
            return options;
        });
        return _mlContext.Regression.Trainers.Sweep(
            space, Data(), new SweepOptions { Strategy = SweepStrategy.Random(3), Seed = seed, Progress = progress });
    }

    private static TorchLinearRegressionTrainer.Options Options(double rate, IProgress<TrainingProgress>? progress) => new()
    {
        LabelColumnName = "Number",
        LearningRate = rate,
        LearningRateSchedule = LrSchedule.StepLR(2),
        NumberOfEpochs = 5,
        ValidationFraction = 0.2,
        Seed = 1,
        Progress = progress,
    };

    private IDataView Data() => _mlContext.Data.LoadFromEnumerable(TaskCase.Points(200));

    private static (IAnsiConsole Console, StringBuilder Written) Console(
        bool isTerminal, int width = 120, int height = 40)
    {
        var written = new StringBuilder();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Yes : AnsiSupport.No,
            Interactive = isTerminal ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new Output(new StringWriter(written), isTerminal, width, height),
        });
        return (console, written);
    }

    private Event[] Events(string run)
    {
        var events = new List<Event>();
        foreach (var file in Directory.GetFiles(Path.Combine(_folder.FullName, run)))
        {
            using var reader = new BinaryReader(File.OpenRead(file));
            // A length and its checksum, an event and its checksum.
            while (reader.BaseStream.Position < reader.BaseStream.Length)
            {
                var length = (int)reader.ReadInt64();
                reader.ReadInt32();
                events.Add(Event.Parser.ParseFrom(reader.ReadBytes(length)));
                reader.ReadInt32();
            }
        }

        return [.. events];
    }

    private static (int Step, float Value)[] Scalars(Event[] events, string tag) =>
    [
        .. from one in events
           from value in one.Summary?.Value ?? []
           where value.Tag == tag
           select ((int)one.Step, value.SimpleValue),
    ];

    private static void CancelAfterTwo(TorchLinearRegressionTrainer.Options options, CancellationMode mode)
    {
        var (source, shown) = (new CancellationTokenSource(), options.Progress!);
        (options.CancellationToken, options.Cancellation) = (source.Token, mode);
        options.Progress = new Ending([], shown, told: () => source.Cancel());
    }

    /// <summary>Keeps all that it is told, and hands it on.</summary>
    private sealed class Ending(List<object> reports, object? to = null, Action? told = null)
        : IProgress<TrainingProgress>, IProgress<SweepProgress>, IProgress<StopReason>
    {
        public void Report(TrainingProgress value)
        {
            reports.Add(value);
            (to as IProgress<TrainingProgress>)?.Report(value);
            told?.Invoke();
        }

        public void Report(SweepProgress value)
        {
            reports.Add(value);
            (to as IProgress<SweepProgress>)?.Report(value);
            told?.Invoke();
        }

        public void Report(StopReason value)
        {
            reports.Add(value);
            (to as IProgress<StopReason>)?.Report(value);
        }
    }

    private sealed class Collected(Action<TrainingProgress> take) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => take(value);
    }

    private sealed class Output(TextWriter writer, bool isTerminal, int width = 120, int height = 40) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => width;

        public int Height => height;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
