using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>What a worker trains, and what it refuses, without a cluster.</summary>
[TestClass]
public sealed class WorkerRowsTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-worker-");

    [TestCleanup]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void A_trial_goes_on_at_another_worker_bit_for_bit_and_begins_anew_where_its_state_is_lost()
    {
        var options = new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = 0.02,
            NumberOfEpochs = 9,
            ValidationFraction = 0.25,
            Seed = 1,
            LearningRateSchedule = LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0),
        };
        var data = TaskCase.Rows(_mlContext, 200);
        var expected = _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Trials([options]), data, new SweepOptions { Strategy = SweepStrategy.SuccessiveHalving(1) }).Trials[0];
        var path = Path.Combine(_folder.FullName, "rows.idv");
        using (var file = File.Create(path)) _mlContext.Data.SaveAsBinary(data, file);
        var trial = new TrialWork(0, options);
        using var local = new InProcessWorker(
            own => TrainerKinds.Create(_mlContext, own), new SweepData(data, null, null), new SweepOptions(),
            new Cancellation(() => false, null, CancellationToken.None));
        var hash = local.Read([trial], isHashed: true).Hash;
        var lease = new Lease("batch", 0, 1, 1, new StudyRows(
            nameof(TorchLinearRegressionTrainer), options.ToJson(), path, null, null, "200 rows", hash, LibraryVersion.Text));

        var (first, states) = Train(new TravellingWork([TravellingTrial.Of(trial)], Until: 3, Competes: true), _ => []);
        Assert.AreEqual((StopReason.Pruned, 3), (first.History.StopReason, first.History.Epochs.Count), "what it is if left there");
        var (place, state) = states.Single();
        Assert.AreEqual(0, place);
        using (var goesOn = new ClusterBatch(
            new TrialLeg([trial], new HashSet<int> { 0 }, TrialLeg.ToTheEnd, Competes: true), [0],
            new Dictionary<int, TrialResult> { [0] = first }, sharesOut: true, new CollectedResults()))
        {
            Assert.AreEqual(3, goesOn.Submission.Rung);
            CollectionAssert.AreEqual(
                first.History.Epochs.ToArray(), goesOn.Running.Single().Epochs.ToArray(), "as it stood, although nobody has taken it");
            var cut = goesOn.End(0, StopReason.Cancelled);
            Assert.AreEqual((StopReason.Cancelled, 3), (cut.History.StopReason, cut.History.Epochs.Count));
            Assert.AreSame(first.Weights, cut.Weights);
            Assert.IsEmpty(goesOn.Running);
        }

        var rest = new TravellingWork([TravellingTrial.Of(trial, "state")], Competes: true);
        var (other, none) = Train(rest, names => [names.SequenceEqual(["state"]) ? state : null]);
        Assert.IsEmpty(none);
        IsSame(other);
        CollectionAssert.AreEqual(FirstDurations(first), FirstDurations(other), "these were not trained again");
        var (lost, _) = Train(rest, names => [null]);
        IsSame(lost);
        CollectionAssert.AreNotEqual(FirstDurations(first), FirstDurations(lost), "these were");

        static TimeSpan[] FirstDurations(TrialResult result) => [.. result.History.Epochs.Take(3).Select(epoch => epoch.Duration)];

        (TrialResult Result, (int Place, byte[] State)[] States) Train(TravellingWork work, Func<string[], byte[]?[]> get)
        {
            using var worker = new WorkerRows();
            var (results, states) = worker.Train(lease, work.ToBytes(), get);
            return (ResultBytes.Read(results, new Dictionary<int, TrialWork> { [0] = trial }).Results.Single(), states);
        }

        void IsSame(TrialResult result)
        {
            CollectionAssert.AreEqual(expected.Weights!.Weights, result.Weights!.Weights);
            Assert.AreEqual(ClusterSweepTests.Timeless(expected.History).Epochs, ClusterSweepTests.Timeless(result.History).Epochs);
        }
    }

    [TestMethod]
    public void Rows_that_are_missing_or_others_are_refused()
    {
        using var worker = new WorkerRows();
        var options = new TorchLinearRegressionTrainer.Options { LabelColumnName = "Number", ValidationFraction = 0.25, Seed = 1 };
        var path = Path.Combine(_folder.FullName, "rows.idv");
        var rows = new StudyRows(
            nameof(TorchLinearRegressionTrainer), options.ToJson(), path, null, null, "100 rows", new string('0', 64), LibraryVersion.Text);
        var lease = new Lease("batch", 0, 1, 1, rows);
        var trials = new TravellingWork([TravellingTrial.Of(new TrialWork(0, options))]).ToBytes();
        StringAssert.Contains(
            Assert.ThrowsExactly<RowsRefusedException>(() => worker.Train(lease, trials, _ => [])).Message,
            $"There is no file {path}");
        using (var file = File.Create(path)) _mlContext.Data.SaveAsBinary(TaskCase.Rows(_mlContext, 100), file);
        StringAssert.Contains(
            Assert.ThrowsExactly<RowsRefusedException>(() => worker.Train(lease, trials, _ => [])).Message, "differ: their hash");
    }

    [TestMethod]
    public void A_trial_that_is_given_up_has_failed_with_the_reason()
    {
        TrialWork[] trials =
            [.. Enumerable.Range(0, 2).Select(number => new TrialWork(number, new TorchLinearRegressionTrainer.Options()))];
        var told = new CollectedResults();
        using var batch = new ClusterBatch(
            new TrialLeg(trials, new HashSet<int> { 0, 1 }, TrialLeg.ToTheEnd, Competes: false), [0],
            new Dictionary<int, TrialResult>(), sharesOut: true, told);
        batch.Take(new FinishedPart(batch.Name, 1, 1, "It was given up."), results: null);
        Assert.IsEmpty(batch.Running, "nobody has begun the other one");
        batch.Begin(new TakenPart(batch.Name, 0, 1));
        Assert.AreEqual(0, batch.Running.Single().Number);
        var (results, _) = ResultBytes.Read(told.ToBytes(), trials.ToDictionary(trial => trial.Number));
        Assert.AreEqual((1, StopReason.Failed, "It was given up."), (results[0].Number, results[0].History.StopReason, results[0].Failure));
    }
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Trials_that_were_taken_apart_are_noted_once_where_their_last_bits_depend_on_company(bool competes)
    {
        TrialWork[] trials =
            [.. Enumerable.Range(7, 3).Select(number => new TrialWork(number, new TorchLinearRegressionTrainer.Options()))];
        using var batch = new ClusterBatch(
            new TrialLeg(trials, trials.Select(trial => trial.Number).ToHashSet(), TrialLeg.ToTheEnd, competes), [0],
            new Dictionary<int, TrialResult>(), sharesOut: true, new CollectedResults());
        var none = ResultBytes.Write([], []);
        Assert.IsNull(batch.Take(new FinishedPart(batch.Name, 0, 1, "It was given up.", IsTakenApart: true), results: null));
        var note = batch.Take(new FinishedPart(batch.Name, 1, 1, null, IsTakenApart: true), none);
        Assert.AreEqual(
            competes ? null : "Trial 8 and others of its batch trained alone, since workers had failed to train them together. Their last "
                + "bits may differ from those of the same sweep in one process.",
            note);
        Assert.IsNull(batch.Take(new FinishedPart(batch.Name, 2, 1, null, IsTakenApart: true), none), "it is said once");
    }

    [TestMethod]
    public void A_trial_alone_comes_to_the_bits_of_its_batch_where_it_competes_and_only_there()
    {
        TrialWork[] trials =
        [
            .. Enumerable.Range(0, 16).Select(number => new TrialWork(number, new TorchLinearRegressionTrainer.Options
            {
                LabelColumnName = "Number",
                LearningRate = 0.01 * (number + 1),
                NumberOfEpochs = 5,
                ValidationFraction = 0.25,
                Seed = 1,
            })),
        ];
        var data = TaskCase.Rows(_mlContext, 200);
        var path = Path.Combine(_folder.FullName, "rows.idv");
        using (var file = File.Create(path)) _mlContext.Data.SaveAsBinary(data, file);
        using var local = new InProcessWorker(
            own => TrainerKinds.Create(_mlContext, own), new SweepData(data, null, null), new SweepOptions(),
            new Cancellation(() => false, null, CancellationToken.None));
        var rows = new StudyRows(
            nameof(TorchLinearRegressionTrainer), trials[0].Options.ToJson(), path, null, null, "200 rows",
            local.Read(trials, isHashed: true).Hash, LibraryVersion.Text);
        using var worker = new WorkerRows();
        var byNumber = trials.ToDictionary(trial => trial.Number);
        foreach (var competes in new[] { true, false })
        {
            var work = new TravellingWork([.. trials.Select(trial => TravellingTrial.Of(trial))], Competes: competes).ToBytes();
            var together = Train(0, 16);
            var alone = Enumerable.Range(0, 16).SelectMany(place => Train(place, 1)).ToArray();
            var same = together.Zip(alone).Count(pair => pair.First.Weights!.Weights.SequenceEqual(pair.Second.Weights!.Weights));
            if (competes) Assert.AreEqual(16, same);
            else Assert.IsLessThan(16, same, "the note is true");

            TrialResult[] Train(int first, int count) =>
                [.. ResultBytes.Read(worker.Train(new Lease("batch", first, count, 1, rows), work, _ => []).Results, byNumber).Results
                    .OrderBy(result => result.Number)];
        }
    }

    [TestMethod]
    public void A_sweep_of_another_version_is_refused()
    {
        using var worker = new WorkerRows();
        var rows = new StudyRows(nameof(TorchLinearRegressionTrainer), "{}", "rows.idv", null, null, "100 rows", "hash", "0.0.1-other");
        Assert.AreEqual(
            $"Its version of LrScheduling.ML.Orleans must be that of the sweep, 0.0.1-other. Received: {LibraryVersion.Text}. Start "
            + "workers and sweep with the same version.",
            Assert.ThrowsExactly<RowsRefusedException>(() => worker.Train(new Lease("batch", 0, 1, 1, rows), [], _ => [])).Message);
    }
    [TestMethod]
    public void A_worker_that_has_lost_the_file_of_a_fold_refuses_and_fails_no_trial()
    {
        var options = new TorchLinearRegressionTrainer.Options { LabelColumnName = "Number", ValidationFraction = 0.25, Seed = 1 };
        var (data, path) = (TaskCase.Rows(_mlContext, 100), Path.Combine(_folder.FullName, "rows.idv"));
        using (var file = File.Create(path)) _mlContext.Data.SaveAsBinary(data, file);
        var trial = new TrialWork(0, options);
        using var local = new InProcessWorker(
            own => TrainerKinds.Create(_mlContext, own), new SweepData(data, null, null), new SweepOptions(),
            new Cancellation(() => false, null, CancellationToken.None));
        var lease = new Lease("batch", 0, 1, 1, new StudyRows(
            nameof(TorchLinearRegressionTrainer), options.ToJson(), path, null, null, "100 rows",
            local.Read([trial], isHashed: true).Hash, LibraryVersion.Text));
        using var worker = new WorkerRows();
        var missing = Path.Combine(_folder.FullName, "features-1.zip");
        StringAssert.Contains(Refusal(missing), $"Its rows cannot be read: There is no file {missing} on ");
        Assert.IsNotEmpty(worker.Train(lease, Work(null), _ => []).Results, "rows are there");
        Assert.ThrowsExactly<OperationCanceledException>(
            () => worker.Train(lease, new TravellingWork([TravellingTrial.Of(trial)]).ToBytes(), _ => [], new CancellationToken(true)),
            "its silo was stopped between the claim and training");
        File.Delete(path);
        StringAssert.StartsWith(Refusal(null), $"Its rows cannot be read: There is no file {path} on ");

        string Refusal(string? features) =>
            Assert.ThrowsExactly<RowsRefusedException>(() => worker.Train(lease, Work(features), _ => [])).Message;

        byte[] Work(string? features) => new TravellingWork(
            [TravellingTrial.Of(trial)], Fold: new TravellingFold(0, 2, null, 0, Metric.RSquared, features)).ToBytes();
    }
}
