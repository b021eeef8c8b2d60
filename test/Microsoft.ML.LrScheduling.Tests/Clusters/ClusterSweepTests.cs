using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using Orleans.Configuration;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>Sweeps whose trials train in the silos of a cluster, which are in this process.</summary>
[TestClass]
public sealed class ClusterSweepTests : SiloTests
{
    [TestMethod]
    public void A_sweep_in_two_silos_is_that_of_one_process_bit_for_bit_and_leaves_nothing()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(10), TrialsTogether = 3 };
        var features = _mlContext.Transforms.NormalizeMeanVariance("Features");
        var expected = _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 4), TaskCase.Rows(_mlContext, 300), options, features: features);
        var reports = 0;
        var actual = _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 4), TaskCase.Rows(_mlContext, 300),
            options with { Workers = Workers, Journal = Journal, Progress = new SweepTests.Counter(() => reports++) }, features: features);
        AreSame(expected, actual);
        Assert.HasCount(1 + 10, File.ReadAllLines(Journal));
        Assert.AreEqual(4, reports, "one a batch");
        Assert.IsEmpty(actual.Notes);
        var rows = TaskCase.Rows(_mlContext, 20, seed: 6);
        Assert.AreEqual(
            _mlContext.Regression.Evaluate(expected.BestModel.Transform(rows), "Number").MeanSquaredError,
            _mlContext.Regression.Evaluate(actual.BestModel.Transform(rows), "Number").MeanSquaredError);
        IsNothingLeft();
    }

    [TestMethod]
    public void Schedules_at_zero_are_told_of_as_in_one_process()
    {
        // PolynomialLR() reaches 0 after 5 of 12 epochs.
        var space = SweepSpace.Trials([SweepTests.ToZero(LrSchedule.PolynomialLR()), SweepTests.ToZero(null)]);
        var notes = _mlContext.Regression.Trainers.Sweep(
            space, TaskCase.Rows(_mlContext, 60), new SweepOptions { Workers = Workers }).Notes;
        StringAssert.StartsWith(
            notes.Single(), "LearningRateSchedule keeps the learning rate at 0 from epoch 6 on. For 7 of 12 epochs, nothing is learned");
    }

    [TestMethod]
    public void All_kinds_of_trainers_train_in_silos()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Grid(2), Workers = Workers };
        var rows = TaskCase.Rows(_mlContext, 100);
        var binary = SweepSpace.Of(draw => new TorchLogisticRegressionTrainer.Options
        {
            LabelColumnName = "Truth",
            NumberOfEpochs = 2,
            LearningRate = draw.LogRange("rate", 0.01, 0.1),
        });
        AreSame(
            _mlContext.BinaryClassification.Trainers.Sweep(binary, rows, options with { Workers = null }),
            _mlContext.BinaryClassification.Trainers.Sweep(binary, rows, options));
        var multiclass = SweepSpace.Of(draw => new TorchMaximumEntropyTrainer.Options
        {
            LabelColumnName = "Class",
            NumberOfEpochs = 2,
            LearningRate = draw.LogRange("rate", 0.01, 0.1),
        });
        var keys = _mlContext.Transforms.Conversion.MapValueToKey("Class").Fit(rows).Transform(rows);
        // Rows with labels of their own to measure on.
        AreSame(
            _mlContext.MulticlassClassification.Trainers.Sweep(multiclass, keys, options with { Workers = null }, validationData: keys),
            _mlContext.MulticlassClassification.Trainers.Sweep(multiclass, keys, options, validationData: keys));
    }

    [TestMethod]
    public void A_trial_that_fails_fails_alone()
    {
        SweepOptions options = new() { Workers = Workers };
        var space = SweepSpace.Trials(
            new RegressionLoss[] { RegressionLoss.Squared(), RegressionLoss.Poisson(), RegressionLoss.Absolute() }.Select(
            loss => new TorchLinearRegressionTrainer.Options
            {
                LabelColumnName = "Number",
                NumberOfEpochs = 2,
                LearningRate = 0.01,
                Loss = loss,
            }));
        var study = _mlContext.Regression.Trainers.Sweep(space, TaskCase.Rows(_mlContext, 100), options);
        StringAssert.StartsWith(study.Trials[1].Failure, "It cannot be trained: ");
        Assert.IsNull(study.Trials[0].Failure);
        Assert.IsNull(study.Trials[2].Failure);
    }

    [TestMethod]
    public void Functions_that_cannot_travel_are_refused_with_a_way_out()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(2), Workers = Workers };
        var delegates = SweepSpace.Of(draw => SweepTests.RateOf(draw, epochs: 2, LrSchedule.LambdaLR(epoch => 1 / (1.0 + epoch))));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Regression.Trainers.Sweep(
            delegates, TaskCase.Rows(_mlContext, 100), options));
        StringAssert.Contains(error.Message, "Write the function as an expression");
        var expressions = SweepSpace.Of(draw => SweepTests.RateOf(draw, epochs: 2, LrSchedule.LambdaLR("1 / (1 + epoch)")));
        AreSame(
            _mlContext.Regression.Trainers.Sweep(expressions, TaskCase.Rows(_mlContext, 100), options with { Workers = null }),
            _mlContext.Regression.Trainers.Sweep(expressions, TaskCase.Rows(_mlContext, 100), options));
    }

    [TestMethod]
    public void Workers_whose_rows_differ_take_nothing_and_the_sweep_says_so()
    {
        // The files stay when a sweep is cut.
        Cut(new SweepOptions { Strategy = SweepStrategy.Random(4), TrialsTogether = 1, Workers = Workers });
        var path = RowFile("*.training.idv");
        File.Delete(path);
        using (var file = File.Create(path)) _mlContext.Data.SaveAsBinary(TaskCase.Rows(_mlContext, 300, seed: 6), file);
        // As if it had been written so: the sweep sees no damage.
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        File.WriteAllText(RowFile("*.sha256"), $"{hash}  {Path.GetFileName(path)}\n");
        // Workers keep the rows that they read last: those of another study come between.
        Sweep(new SweepOptions
        {
            Strategy = SweepStrategy.Random(8),
            TrialsTogether = 1,
            Workers = new OrleansWorkers(Cluster.Client) { Study = "between", Folder = _folder.FullName },
        });
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => Sweep(new SweepOptions { Strategy = SweepStrategy.Random(8), Seed = 2, TrialsTogether = 1, Workers = Workers }));
        StringAssert.Contains(error.Message, "No worker can train the trials.");
        StringAssert.Contains(error.Message, $"Its rows in {path} differ");
    }

    [TestMethod]
    public void A_sweep_that_was_cut_goes_on_from_its_journal_and_the_study_and_trains_nothing_twice()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(12), TrialsTogether = 2 };
        var expected = Sweep(options);
        options = options with { Workers = Workers, Journal = Journal };
        Cut(options);
        // As if it had been killed while it wrote the results of a batch.
        var lines = File.ReadAllLines(Journal);
        Assert.IsInRange(1 + 2, 1 + 11, lines.Length);
        File.WriteAllLines(Journal, lines[..^1]);
        AreSame(expected, Sweep(options));
        Assert.HasCount(1 + 12, File.ReadAllLines(Journal));
        Assert.IsTrue(Array.TrueForAll(ResultWrites(), count => count == 1), "a batch was trained twice");
        Assert.HasCount(6, ResultWrites());
    }

    [TestMethod]
    public async Task Two_sweeps_of_one_name_share_one_training()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(12), TrialsTogether = 2 };
        var expected = Sweep(options);
        // Each has an environment of its own, as another process would.
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => new MLContext(seed: 1).Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 40), TaskCase.Rows(new MLContext(seed: 1), 300), options with { Workers = Workers }))));
        foreach (var study in both) AreSame(expected, study);
        Assert.HasCount(6, ResultWrites());
        Assert.IsTrue(Array.TrueForAll(ResultWrites(), count => count == 1), "a batch was trained twice");
    }

    [TestMethod]
    public void A_sweep_of_other_rows_is_refused_says_why_and_leaves_nothing_and_the_one_before_goes_on()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(12), TrialsTogether = 2, Workers = Workers, Journal = Journal };
        Cut(options);
        var before = Directory.GetFiles(Path.Combine(_folder.FullName, "rows"));
        var others = Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 2), TaskCase.Rows(_mlContext, 301), new SweepOptions { Workers = Workers }));
        StringAssert.Matches(others.Message, new Regex(
            "^OrleansWorkers.Study must be a name that no sweep of another trainer or of other rows has. Received: "
            + $"{TestContext.TestName}, the name of a sweep that ended early and can go on. It has a TorchLinearRegressionTrainer on 225 "
            + "training rows of 4 features and 75 validation rows, hash [0-9A-F]{16}; this sweep has a TorchLinearRegressionTrainer on "
            + "22[56] training rows of 4 features and 7[56] validation rows, hash [0-9A-F]{16}. The options that decide about the rows are "
            + "the same: the data or the features differ. Choose another name, or run that sweep to its end first.$"));
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = draw.LogRange("rate", 1e-3, 0.3),
            ValidationFraction = 0.5,
            Seed = 2,
        });
        var split = Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Regression.Trainers.Sweep(
            space, TaskCase.Rows(_mlContext, 300), new SweepOptions { Workers = Workers }));
        StringAssert.Contains(split.Message, "ValidationFraction is 0.25 there, and 0.5 here; Seed is 1 there, and 2 here.");
        CollectionAssert.AreEquivalent(before, Directory.GetFiles(Path.Combine(_folder.FullName, "rows")));
        // What was trained for the one before is there still.
        AreSame(Sweep(options with { Workers = null, Journal = null }), Sweep(options));
        Assert.IsTrue(Array.TrueForAll(ResultWrites(), count => count == 1), "a batch was trained twice");
        IsNothingLeft();
    }

    [TestMethod]
    public void A_name_that_a_sweep_under_way_has_is_refused_with_what_to_do()
    {
        string? message = null;
        Sweep(new SweepOptions
        {
            Strategy = SweepStrategy.Random(4),
            TrialsTogether = 2,
            Workers = Workers,
            Progress = new SweepTests.Counter(() => message ??= Assert.ThrowsExactly<InvalidOperationException>(() => Others()).Message),
        });
        StringAssert.Contains(message, "the name of a sweep that is under way.");
        StringAssert.EndsWith(message, "Choose another name, or wait for its end.");
        IsNothingLeft();

        Study<TorchLinearRegressionTrainer.Options> Others() => new MLContext(seed: 1).Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 2), TaskCase.Rows(new MLContext(seed: 1), 301), new SweepOptions { Workers = Workers });
    }

    [TestMethod]
    public void Files_of_rows_that_were_damaged_are_written_anew_and_others_are_refused()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(6), TrialsTogether = 2 };
        var features = _mlContext.Transforms.NormalizeMeanVariance("Features");
        var expected = SweepAll(options);
        options = options with { Workers = Workers };
        Cut(options);
        foreach (var pattern in new[] { "*.training.idv", "*.validation.idv", "*.features.zip" })
        {
            // Workers keep the rows that they read last: those of another study come between.
            SweepAll(options with { Workers = new OrleansWorkers(Cluster.Client) { Study = "between", Folder = _folder.FullName } });
            var bytes = File.ReadAllBytes(RowFile(pattern));
            Array.Reverse(bytes, bytes.Length / 2, bytes.Length / 4);
            File.WriteAllBytes(RowFile(pattern), bytes);
            AreSame(expected, SweepAll(options));
            Cut(options);
        }

        File.WriteAllBytes(RowFile("*.features.zip"), []);
        Cut(options);
        File.WriteAllText(RowFile("*.training.idv"), "My thesis.");
        var path = RowFile("*.training.idv");
        Assert.AreEqual(
            $"{path} must be a file that a sweep has written, or not be there. Received: one of another kind. Move it away, or choose "
            + "another OrleansWorkers.Folder.",
            Assert.ThrowsExactly<IOException>(() => SweepAll(options)).Message);
        Assert.AreEqual("My thesis.", File.ReadAllText(path));

        Study<TorchLinearRegressionTrainer.Options> SweepAll(SweepOptions options) => _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 40), TaskCase.Rows(_mlContext, 300), options, TaskCase.Rows(_mlContext, 100, seed: 8), features);

        void Cut(SweepOptions options)
        {
            using var source = new CancellationTokenSource();
            Assert.ThrowsExactly<OperationCanceledException>(() => SweepAll(
                options with { Seed = 5, CancellationToken = source.Token, Progress = new SweepTests.Counter(source.Cancel) }));
        }
    }

    [TestMethod]
    public void A_sweep_that_finds_all_its_trials_in_its_journal_leaves_nothing_also_of_one_that_died_before()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(6), TrialsTogether = 2 };
        var expected = Sweep(options with { Journal = Journal });
        options = options with { Workers = Workers, Journal = Journal };
        // A client that has died a moment ago, as it is not known to have: it has joined, and does not leave.
        var study = Cluster.Client.GetGrain<IStudyGrain>(TestContext.TestName);
        Cut(options with { Journal = null, Seed = 5 });
        var rows = Storage.RowsOf(TestContext.TestName!)!;
        study.Join($"{Environment.MachineName}/{Journal}#died", rows).GetAwaiter().GetResult();
        AreSame(expected, Sweep(options));
        IsNothingLeft();
    }

    [TestMethod]
    public void A_sweep_that_is_refused_after_its_rows_were_written_leaves_nothing()
    {
        Sweep(new SweepOptions { Strategy = SweepStrategy.Random(6), Journal = Journal });
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Sweep(
            new SweepOptions { Strategy = SweepStrategy.Random(6), Seed = 2, Journal = Journal, Workers = Workers }));
        StringAssert.Contains(error.Message, "belongs to another sweep");
        IsNothingLeft();
        Assert.ThrowsExactly<InvalidOperationException>(() => Sweep(
            new SweepOptions { Strategy = SweepStrategy.Random(6), Metric = Metric.AreaUnderRocCurve, Workers = Workers }));
        IsNothingLeft();
    }

    [TestMethod]
    public void A_sweep_that_is_cut_lists_the_trials_that_have_begun()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(60), TrialsTogether = 1, Workers = Workers };
        using var source = new CancellationTokenSource();
        var cut = Sweep(
            options with
            {
                CancellationToken = source.Token,
                Cancellation = CancellationMode.ReturnBest,
                Progress = new SweepTests.Counter(source.Cancel),
            },
            epochs: 600);
        var ended = cut.Trials.Count(trial => trial.History.StopReason != StopReason.Cancelled);
        Assert.IsGreaterThan(0, ended);
        // Two workers have one each; of those whose end was not asked for yet there are no more than these have taken meanwhile.
        Assert.IsLessThan(30, cut.Trials.Count);
        StringAssert.Contains(cut.Notes.Single(), $"ended, {Quantity.Of(cut.Trials.Count - ended, "was", "were")} running.");
    }

    [TestMethod]
    public void Features_that_cannot_be_saved_are_refused_by_name_with_a_way_out()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(2), Workers = Workers };
        var features = _mlContext.Transforms.NormalizeMeanVariance("Features")
            .Append(_mlContext.Transforms.CustomMapping<Given, Made>((given, made) => made.Twice = 2 * given.Number, contractName: null))
            .Append(_mlContext.Transforms.Concatenate("Features", "Features", "Twice"));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 2), TaskCase.Rows(_mlContext, 100), options, features: features));
        StringAssert.StartsWith(
            error.Message,
            "Each transformer of features must be one that can be saved, since features travel to the workers as a model file. Received: "
            + "CustomMappingTransformer<Given, Made> (number 2 of 3 transformers), of which ML.NET says: ");
        StringAssert.EndsWith(
            error.Message,
            "No code travels: apply what is a function, such as a CustomMapping, to the rows before the sweep, and leave it out of "
            + "features.");
        IsNothingLeft();
        // The way out.
        var made = features.Fit(TaskCase.Rows(_mlContext, 100)).Transform(TaskCase.Rows(_mlContext, 100));
        AreSame(
            _mlContext.Regression.Trainers.Sweep(SweepTests.Rates(epochs: 2), made, options with { Workers = null }),
            _mlContext.Regression.Trainers.Sweep(SweepTests.Rates(epochs: 2), made, options));
    }

    [TestMethod]
    public void Features_that_no_worker_can_load_are_refused_with_a_way_out()
    {
        var features = _mlContext.Transforms
            .CustomMapping<Given, Made>((given, made) => made.Twice = 2 * given.Number, contractName: "nobody knows it");
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 2), TaskCase.Rows(_mlContext, 100),
            new SweepOptions { Strategy = SweepStrategy.Random(2), Workers = Workers }, features: features));
        StringAssert.Contains(error.Message, "Its features cannot be loaded from ");
        StringAssert.Contains(error.Message, "apply the transformers to the rows before the sweep, and leave them out of features.");
        IsNothingLeft();
    }

    [TestMethod]
    public void A_silo_that_is_killed_loses_nothing_and_doubles_nothing()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(8), TrialsTogether = 2 };
        var expected = Sweep(options, epochs: 600);
        var silo = Cluster.Silos[1];
        var victim = silo.SiloAddress.ToParsableString();
        Task? kill = null;
        Storage.Written = state =>
        {
            // While it trains; on a busy machine it may come to its end before.
            if (state is StudyLedger ledger && ledger.Leased.Any(leased => leased.Part.Worker == victim))
                kill ??= Task.Run(() => Cluster.KillSiloAsync(silo));
        };
        var actual = Sweep(options with { Workers = Workers, Journal = Journal }, epochs: 600);
        Storage.Written = null;
        kill!.GetAwaiter().GetResult();
        AreSame(expected, actual);
        var told = File.ReadAllLines(Journal).Skip(1).Select(line => line.Split("\"trial\":")[1].Split(',')[0]).ToArray();
        Assert.HasCount(8, told);
        Assert.HasCount(8, told.Distinct());
        Cluster.StartAdditionalSiloAsync().GetAwaiter().GetResult();
    }

    [TestMethod]
    [DataRow(false, DisplayName = "for trials")]
    [DataRow(true, DisplayName = "for folds")]
    public async Task A_sweep_that_no_worker_serves_says_that_it_waits(bool isInFolds)
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(2), Journal = isInFolds ? Journal : null };
        if (isInFolds) Sweep(options);
        await using var idle = await EmbeddedCluster.StartAsync(new SharedStorage(), TestContext.CancellationToken, isAtWork: false);
        using var source = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        List<string> log = [];
        _mlContext.Log += (_, e) =>
        {
            if (!e.RawMessage.StartsWith("No worker", StringComparison.Ordinal)) return;
            log.Add(e.RawMessage);
            source.Cancel();
        };
        Assert.ThrowsExactly<OperationCanceledException>(() => Sweep(options with
        {
            NumberOfFolds = isInFolds ? 3 : null,
            CancellationToken = source.Token,
            Workers = new OrleansWorkers(idle.Client) { Folder = _folder.FullName },
        }));
        CollectionAssert.AreEqual(
            new[] { "No worker of the cluster has taken trials. The sweep waits: start silos with AddLrSchedulingWorker." }, log);
    }

    [TestMethod]
    public void A_study_whose_ledger_cannot_be_read_keeps_no_worker_from_others()
    {
        var studies = Cluster.Client.GetGrain<IStudiesGrain>(0);
        studies.Open("damaged").GetAwaiter().GetResult();
        Storage.Reading = name =>
        {
            if (name.EndsWith("/damaged", StringComparison.Ordinal)) throw new InvalidDataException("It cannot be read.");
        };
        SweepOptions options = new() { Strategy = SweepStrategy.Random(4), TrialsTogether = 2, TimeLimit = TimeSpan.FromMinutes(1) };
        var expected = Sweep(options);
        var actual = Sweep(options with { Workers = Workers });
        Storage.Reading = null;
        studies.Close("damaged").GetAwaiter().GetResult();
        AreSame(expected, actual);
    }

    [TestMethod]
    [DataRow(" a/b#c \"d\" %20 é \u4e16 ../x?*")]
    [DataRow("🐉\n\t|")]
    public void A_study_may_have_any_name(string name)
    {
        SweepOptions options = new() { Strategy = SweepStrategy.SuccessiveHalving(4), TrialsTogether = 2 };
        // Sweeps of other tests were cut.
        var before = Storage.Count("");
        var study = Sweep(options with { Workers = new OrleansWorkers(Cluster.Client) { Study = name, Folder = _folder.FullName } });
        Assert.AreEqual(4, study.Trials.Count(trial => trial.Failure is null));
        Assert.AreEqual(before, Storage.Count(""));
        Assert.IsEmpty(_folder.GetFiles());
    }

    [TestMethod]
    public async Task Bytes_that_no_message_of_Orleans_holds_are_stored_and_deleted()
    {
        var bytes = new byte[new MessagingOptionsOfDefault().MaxMessageBodySize + 1];
        new Random(1).NextBytes(bytes);
        var name = TestContext.TestName!;
        await Cluster.Client.PutBytes(name, bytes);
        await AreThere();
        Assert.AreEqual(7, Storage.Count(name), "100 MB in pieces of 16 MB");
        // Another worker's results of the same trials.
        bytes[^1]++;
        await Cluster.Client.PutBytes(name, bytes);
        await AreThere();
        Assert.AreEqual(7, Storage.Count(name), "those before are gone");
        await Cluster.Client.ClearBytes(name);
        Assert.AreEqual(0, Storage.Count(name));
        Assert.IsNull(await Cluster.Client.GetBytes(name));

        async Task AreThere()
        {
            var there = await Cluster.Client.GetBytes(name);
            Assert.IsTrue(bytes.AsSpan().SequenceEqual(there));
        }
    }

    [TestMethod]
    public void A_sweep_whose_study_and_files_another_one_has_deleted_writes_them_anew()
    {
        SweepOptions options = new()
        {
            Strategy = SweepStrategy.Random(6),
            TrialsTogether = 2,
            NumberOfFolds = 3,
            Journal = Journal,
            Workers = Workers,
        };
        var features = _mlContext.Transforms.NormalizeMeanVariance("Features");
        var study = Cluster.Client.GetGrain<IStudyGrain>(TestContext.TestName);
        var expected = Folded(options with { Workers = null, Journal = null });
        Task? end = null;
        Storage.Written = state =>
        {
            // When the first fold is under way: all trials have ended.
            if (state is StudyLedger { Batches.Count: > 3 } ledger && ledger.Leased.Any()) end ??= Task.Run(End);
        };
        var actual = Folded(options);
        Storage.Written = null;
        end!.GetAwaiter().GetResult();
        AreSame(expected, actual);
        CollectionAssert.AreEqual(
            expected.Trials.Select(trial => trial.FoldScores).ToArray(), actual.Trials.Select(trial => trial.FoldScores).ToArray());
        IsNothingLeft();

        // A sweep takes over, as if this one had been silent for half a minute, and ends.
        async Task End()
        {
            var other = $"{Environment.MachineName}/{Journal}#other";
            await study.Join(other, Storage.RowsOf(TestContext.TestName!)!);
            if (!await study.Leave(other, isOver: true)) return;
            foreach (var file in Directory.GetFiles(Path.Combine(_folder.FullName, "rows"))) File.Delete(file);
        }

        Study<TorchLinearRegressionTrainer.Options> Folded(SweepOptions options) => _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 40), TaskCase.Rows(_mlContext, 300), options, features: features);
    }

    [TestMethod]
    public void A_sweep_that_begins_while_another_one_ends_and_deletes_the_files_writes_them_anew()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(6), TrialsTogether = 2 };
        var expected = Sweep(options);
        var deletions = 0;
        Storage.Written = state =>
        {
            // This sweep has found whole files and joins the study, which the one before has just left as the last one.
            if (state is not StudyLedger { Rows: not null } || Interlocked.Increment(ref deletions) > 1) return;
            foreach (var file in Directory.GetFiles(Path.Combine(_folder.FullName, "rows"))) File.Delete(file);
        };
        var actual = Sweep(options with { Workers = Workers });
        Storage.Written = null;
        AreSame(expected, actual);
        Assert.IsEmpty(actual.Notes, "workers that found no files try again");
        IsNothingLeft();
    }

    [TestMethod]
    public void A_sweep_that_joins_one_under_way_with_another_folder_is_refused_with_what_to_do_and_leaves_nothing()
    {
        string? message = null;
        var other = Path.Combine(_folder.FullName, "other");
        SweepOptions options = new() { Strategy = SweepStrategy.Random(4), TrialsTogether = 2 };
        Sweep(options with
        {
            Workers = Workers,
            Progress = new SweepTests.Counter(() => message ??= Assert.ThrowsExactly<InvalidOperationException>(() => Others()).Message),
        });
        Assert.AreEqual(
            $"OrleansWorkers.Folder must be that of the sweep that is under way in the study {TestContext.TestName}, "
            + $"{Path.Combine(_folder.FullName, "rows")}. Received: {other}. Set it to the same folder, wait for the end of that sweep, or "
            + "choose another OrleansWorkers.Study.",
            message);
        Assert.IsEmpty(Directory.GetFiles(other));
        IsNothingLeft();
        // Nobody else reads the rows now.
        Assert.HasCount(4, Others().Trials);
        Assert.IsEmpty(Directory.GetFiles(other));

        Study<TorchLinearRegressionTrainer.Options> Others() => new MLContext(seed: 1).Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 40), TaskCase.Rows(new MLContext(seed: 1), 300),
            options with { Workers = new OrleansWorkers(Cluster.Client) { Study = TestContext.TestName, Folder = other } });
    }

    [TestMethod]
    public async Task A_sweep_whose_cluster_stops_says_that_it_does_not_answer_and_goes_on_when_it_is_back()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(6), TrialsTogether = 2 };
        var expected = Sweep(options);
        await using var own = await EmbeddedCluster.StartAsync(new SharedStorage(), TestContext.CancellationToken);
        Task? stop = null, start = null;
        List<string> log = [];
        _mlContext.Log += (_, e) =>
        {
            if (!e.RawMessage.StartsWith("The cluster", StringComparison.Ordinal)) return;
            log.Add(e.RawMessage);
            start ??= Task.Run(() => own.StartAdditionalSiloAsync());
        };
        var actual = Sweep(options with
        {
            // The sweep waits for the other batches.
            Progress = new SweepTests.Counter(() => (stop ??= Task.Run(Stop)).GetAwaiter().GetResult()),
            Workers = new OrleansWorkers(own.Client)
            {
                Folder = Path.Combine(_folder.FullName, "rows"),
                LongestSilence = TimeSpan.FromMinutes(1),
            },
        });
        await start!;
        AreSame(expected, actual);
        StringAssert.StartsWith(log.Single(), "The cluster does not answer. The sweep repeats its calls for up to 00:01:00. ");
        CollectionAssert.AreEqual(log, actual.Notes.ToArray());

        async Task Stop()
        {
            foreach (var silo in own.Silos.ToArray()) await own.StopSiloAsync(silo);
        }
    }

    [TestMethod]
    public async Task Pieces_of_bytes_whose_writer_died_are_deleted_with_them_and_those_of_others_stay()
    {
        var name = TestContext.TestName!;
        var bytes = new byte[2 * StoredBytes.PieceLength + 1];
        var pieces = 0;
        Storage.Written = state =>
        {
            if (state is KeptBytes { Bytes: not null } && ++pieces == 2) throw new IOException("The writer has died.");
        };
        await Assert.ThrowsAsync<Exception>(() => Cluster.Client.PutBytes(name, bytes));
        Storage.Written = null;
        Assert.AreEqual(2, Storage.Count($"{name}/"), "the first is written last");
        Assert.IsNull(await Cluster.Client.GetBytes(name));
        bytes[0]++;
        await Cluster.Client.PutBytes(name, bytes);
        CollectionAssert.AreEqual(bytes, await Cluster.Client.GetBytes(name));
        await Cluster.Client.ClearBytes(name);
        Assert.AreEqual(0, Storage.Count(name));
    }

    [TestMethod]
    public async Task Results_of_a_lease_that_was_cut_after_its_worker_died_are_deleted_with_the_study()
    {
        var storage = new SharedStorage();
        await using var idle = await EmbeddedCluster.StartAsync(storage, TestContext.CancellationToken, isAtWork: false);
        var study = idle.Client.GetGrain<IStudyGrain>("cut");
        await study.Join("client#1", new StudyRows("trainer", "{}", "rows", null, null, "64 rows", "hash", LibraryVersion.Text));
        await study.Submit(new Submission("batch", 64));
        var (first, second, third) = ("127.0.0.1:1@1", "127.0.0.1:2@1", "127.0.0.1:3@1");
        Assert.AreEqual(64, (await study.Claim(first))!.Count);
        await idle.Client.PutBytes(GrainNames.Results("cut", "batch", 0, 64), [1]);
        // Two others are idle when the trials wait again.
        Assert.IsNull(await study.Claim(second));
        Assert.IsNull(await study.Claim(third));
        await study.GiveBack(first);
        var lease = (await study.Claim(second))!;
        Assert.AreEqual(32, lease.Count);
        await idle.Client.PutBytes(GrainNames.Results("cut", "batch", 0, 32), [1]);
        await study.Complete(lease);
        Assert.IsTrue(await study.Leave("client#1", isOver: true));
        Assert.AreEqual(0, storage.Count("cut"));
    }

    [TestMethod]
    public void Rows_that_cannot_be_written_are_named_with_the_reason_and_leave_nothing()
    {
        var folder = Path.Combine(_folder.FullName, "rows");
        var rows = _mlContext.Data.LoadFromEnumerable(Rows());
        var error = Assert.ThrowsExactly<IOException>(() => _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 2), rows, new SweepOptions { Strategy = SweepStrategy.Random(2), Workers = Workers }));
        StringAssert.Matches(error.Message, new Regex(
            $"^{Regex.Escape(folder)}/[0-9a-f]{{16}}\\.training\\.idv cannot be written: No space left on device\\. "
            + "OrleansWorkers\\.Folder must be a folder to which the sweep can write, with space for its rows\\.$"));
        IsNothingLeft();

        // The folder is there as soon as files are written.
        IEnumerable<Row> Rows()
        {
            for (var i = 0; i < 100; i++)
            {
                if (i == 50 && Directory.Exists(folder)) throw new IOException("No space left on device");
                yield return new Row { Features = [i % 7, i % 5], Number = i };
            }
        }
    }

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Number { get; set; }
    }

    private sealed class MessagingOptionsOfDefault : MessagingOptions;

    private sealed class Given
    {
        public float Number { get; set; }
    }

    private sealed class Made
    {
        public float Twice { get; set; }
    }

    private string RowFile(string pattern) => Directory.GetFiles(Path.Combine(_folder.FullName, "rows"), pattern).Single();

    private void IsNothingLeft()
    {
        Assert.IsEmpty(Directory.GetFiles(Path.Combine(_folder.FullName, "rows")));
        Assert.AreEqual(0, Storage.Count(TestContext.TestName!), "states of the study in storage");
        Assert.AreEqual(0, Storage.Count("studies"), "a list of studies without any");
    }

    private int[] ResultWrites() =>
    [
        .. Storage.Writes.Where(write => write.Key.Contains($"/{TestContext.TestName}/", StringComparison.Ordinal)
            && write.Key.Split('/')[^1].Contains('-', StringComparison.Ordinal)).Select(write => write.Value),
    ];

    private Study<TorchLinearRegressionTrainer.Options> Sweep(SweepOptions options, int epochs = 40) =>
        _mlContext.Regression.Trainers.Sweep(SweepTests.Rates(epochs), TaskCase.Rows(_mlContext, 300), options);

    private void Cut(SweepOptions options)
    {
        using var source = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => Sweep(
            options with { CancellationToken = source.Token, Progress = new SweepTests.Counter(source.Cancel) }));
    }

    internal static void AreSame<TOptions>(Study<TOptions> expected, Study<TOptions> actual) where TOptions : LinearTrainerOptions
    {
        Assert.AreEqual(expected.Trials.Count, actual.Trials.Count);
        foreach (var (one, other) in expected.Trials.Zip(actual.Trials))
        {
            Assert.AreEqual(one.Score, other.Score);
            CollectionAssert.AreEqual(one.Weights!.Weights, other.Weights!.Weights);
            CollectionAssert.AreEqual(one.Weights.Biases, other.Weights.Biases);
            Assert.AreEqual(Timeless(one.History), Timeless(other.History));
        }
    }

    /// <summary>A history without what differs from run to run.</summary>
    internal static TrainingHistory Timeless(TrainingHistory history) =>
        history with { Epochs = [.. history.Epochs.Select(epoch => epoch with { Duration = TimeSpan.Zero })] };
}
