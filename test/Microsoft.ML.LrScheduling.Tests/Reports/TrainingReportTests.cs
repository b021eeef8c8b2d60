using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.Playwright;
using LinearOptions = Microsoft.ML.LrScheduling.Trainers.TorchLinearRegressionTrainer.Options;

namespace Microsoft.ML.LrScheduling.Tests.Reports;
/// <summary>The reports of one training, and of some that were made apart.</summary>
[TestClass]
public sealed class TrainingReportTests : ReportTests
{
    [TestMethod]
    public async Task A_saved_models_report_has_its_losses_rates_metrics_rows_and_configuration()
    {
        var mlContext = new MLContext(seed: 1);
        var rows = TaskCase.Rows(mlContext, 200);
        var model = mlContext.Regression.Trainers.TorchLinearRegression(new LinearOptions
        {
            LabelColumnName = "Number",
            LearningRateSchedule = LrSchedule.OneCycleLR(0.1, cycleMomentum: false),
            ValidationFraction = 0.2,
            NumberOfEpochs = 6,
            Seed = 1,
        }).Fit(rows);
        var file = Path.ChangeExtension(Report, ".zip");
        mlContext.Model.Save(model, rows.Schema, file);
        var history = TrainingHistory.Load(file);
        history.SaveReport(Report);
        var page = await Open();
        Assert.AreEqual("TorchLinearRegressionTrainer", await page.InnerTextAsync("h1"));
        StringAssert.Contains(await page.InnerTextAsync("#summary"), "OneCycleLR(maxLr: 0.1");
        var tiles = await page.InnerTextAsync(".tiles");
        StringAssert.Contains(tiles, $"{history.TrainingRowCount}\nand {history.ValidationRowCount} for validation");
        Assert.AreEqual(200, history.TrainingRowCount + history.ValidationRowCount);
        StringAssert.Contains(tiles, "Epochs\n6\ncompleted");

        // Training and validation in one picture, the rate below it, and a picture for each other metric.
        CollectionAssert.AreEqual(new[] { 6, 6 }, (await Curves(page, "loss")).Select(curve => curve.Length).ToArray());
        Assert.HasCount(1, await Curves(page, "rate"));
        CollectionAssert.IsSubsetOf(
            new[] { "Root mean squared error", "Mean absolute error", "R²" },
            (await page.Locator("[data-chart^=metric] figcaption > span").AllInnerTextsAsync()).ToArray());
        // Each metric has its best epoch marked.
        var best = history.Epochs.MaxBy(epoch => epoch[Metric.RSquared])!;
        StringAssert.Contains(await page.InnerTextAsync("figure:has(figcaption > span:text-is('R²')) .note"), $", epoch {best.Epoch}.");
        Assert.AreEqual(4, await Count(page, "g[aria-label=dot] circle"));
        await Hover(page, "loss", 0.98, 0.5);
        StringAssert.Contains(await page.InnerTextAsync("#tip"), "after epoch 6");
        StringAssert.Contains(await page.InnerTextAsync("#tip"), "Validation loss");
        StringAssert.Contains(await page.InnerTextAsync(".events"),
            // 160 rows in minibatches of 32, 6 epochs: a thirtieth step is the last; PyTorch's rule is 0.1 / 25, 0.1, 0.1 / 25e4.
            "The rate went from 0.004 in the first minibatch to 4e-7 in the last one, changing with each minibatch; it was highest in "
                + "epoch 2, 0.1.");

        Assert.AreEqual(history.Options, LinearOptions.FromJson((await page.TextContentAsync("[data-code=JSON]"))!).ToJson());
        StringAssert.Contains(
            await page.TextContentAsync("[data-code='C#']"), "LearningRateSchedule = LrSchedule.OneCycleLR(0.1, cycleMomentum: false),");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Rates_that_a_history_lacks_follow_from_its_schedule()
    {
        var mlContext = new MLContext(seed: 1);
        var rows = TaskCase.Rows(mlContext, 200);
        var options = new LinearOptions { LabelColumnName = "Number", NumberOfEpochs = 10, BatchSize = 20, Seed = 1 };
        // The straight line by default, of 100 minibatches, of which a history has one an epoch; the first rate follows from the rows.
        var line = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(rows).History;
        line.SaveReport(Report);
        var page = await Open();
        var first = line.Epochs[0].LearningRates[0] / 0.91;
        var levels = (await Curves(page, "rate"))[0].Select(point => point.Y).Distinct().ToArray();
        Assert.HasCount(100, levels);
        StringAssert.Contains(
            await page.InnerTextAsync(".events"),
            FormattableString.Invariant($"The rate went from {double.Parse($"{first:G6}")} in the first minibatch to "));
        await Hover(page, "rate", 0.98, 0.5);
        StringAssert.Contains(await page.InnerTextAsync("#tip"), "in epoch 10");

        // As a journal of many epochs leaves them: the last rate of each epoch.
        options.LearningRateSchedule = LrSchedule.OneCycleLR(0.3, cycleMomentum: false);
        var cycle = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(rows).History;
        cycle = cycle with { Epochs = [.. cycle.Epochs.Select(epoch => epoch with { BatchLearningRates = [] })] };
        cycle.SaveReport(Report);
        page = await Open();
        Assert.HasCount(100, (await Curves(page, "rate"))[0].Select(point => point.Y).Distinct().ToArray());
        var told = await page.InnerTextAsync(".events");
        StringAssert.Contains(told, "The rate went from 0.012 in the first minibatch to 1.2e-6 in the last");
        StringAssert.Contains(told, "it was highest in epoch 3, 0.3.");

        // Without the number of rows nobody knows.
        (cycle with { TrainingRowCount = null }).SaveReport(Report);
        page = await Open();
        var last = cycle.Epochs[0].LearningRates[0];
        StringAssert.Contains(
            await page.InnerTextAsync(".events"),
            FormattableString.Invariant($"The rate went from {double.Parse($"{last:G6}")} at the end of epoch 1 "));
        await Hover(page, "rate", 0.98, 0.5);
        StringAssert.Contains(await page.InnerTextAsync("#tip"), "at the end of epoch 10");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task What_the_schedule_of_the_bias_did_is_told()
    {
        var mlContext = new MLContext(seed: 1);
        var history = mlContext.Regression.Trainers.TorchLinearRegression(new LinearOptions
        {
            LabelColumnName = "Number",
            NumberOfEpochs = 6,
            LearningRate = 0.01,
            LearningRateSchedule = LrSchedule.StepLR(4),
            BiasLearningRate = 0.02,
            BiasLearningRateSchedule = LrSchedule.MultiStepLR([2, 3], gamma: 0.5),
            Seed = 1,
        }).Fit(TaskCase.Rows(mlContext, 100)).History;
        history.SaveReport(Report);
        var page = await Open();
        CollectionAssert.AreEqual(
            new[]
            {
                "Epoch 2: The rate of the bias went from 0.02 to 0.01.", "Epoch 3: The rate of the bias went from 0.01 to 0.005.",
                "Epoch 4: The rate of the weights went from 0.01 to 0.001.",
            },
            (await page.Locator(".events li").AllInnerTextsAsync()).ToArray());
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task The_best_epoch_is_marked_and_cuts_and_the_end_are_explained()
    {
        var options = new LinearOptions
        {
            NumberOfEpochs = 50,
            LearningRateSchedule = LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 1),
            EarlyStopping = new EarlyStopping { Patience = 5 },
        };
        double[] validation = [8, 6, 5, 5.5, 5.5, 4, 4.2, 4.1, 4.3, 4.2, 4.4];
        var history = ReportSamples.History([8, 6, 5, 4, 3, 3, 3, 3, 3, 3, 3], options, StopReason.EarlyStopped, validation) with
        {
            BestEpoch = 6,
        };
        history.SaveReport(Report, "A plateau");
        var page = await Open();
        StringAssert.Contains(await page.InnerTextAsync(".tiles"), "Validation loss\n4\nbest epoch 6");
        // Both losses have a dot where the best epoch is, and the charts a line.
        Assert.AreEqual(2, await Count(page, "[data-chart=loss] circle"));
        StringAssert.Contains(await page.TextContentAsync("[data-chart=loss] svg"), "best: epoch 6");
        CollectionAssert.AreEqual(
            new[]
            {
                "Epoch 5: The rate went from 0.1 to 0.05: ValidationLoss had not become better than 5 for 2 epochs, more than the "
                    + "patience of 1.",
                "Epoch 8: The rate went from 0.05 to 0.025: ValidationLoss had not become better than 4 for 2 epochs, more than the "
                    + "patience of 1.",
                "Epoch 10: The rate went from 0.025 to 0.0125: ValidationLoss had not become better than 4 for 2 epochs, more than the "
                    + "patience of 1.",
                "Epoch 11: Epoch 6 has the best ValidationLoss, 4. The 5 epochs after it were not better: the patience was "
                    + "reached, and training ended. The model is that of epoch 6.",
            },
            (await page.Locator(".events li").AllInnerTextsAsync()).ToArray());
        // Three cuts and the best epoch.
        Assert.AreEqual(4, await Count(page, "[data-chart=rate] [stroke-dasharray] line"));
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Where_no_epoch_has_a_value_none_is_called_the_best()
    {
        var options = new LinearOptions
        {
            NumberOfEpochs = 50,
            LearningRateSchedule = LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 1),
            EarlyStopping = new EarlyStopping { Patience = 3 },
        };
        // A history in a file may say which epoch is the best all the same.
        foreach (var best in new int?[] { null, 1 })
        {
            var history = ReportSamples.History(
                [4, 3, 2], options, StopReason.EarlyStopped, [double.NaN, double.NaN, double.NaN]) with
            {
                BestEpoch = best,
            };
            history.SaveReport(Report);
            var page = await Open();
            CollectionAssert.AreEqual(
                new[]
                {
                    "Epoch 2: The rate went from 0.1 to 0.05: ValidationLoss had no value for 2 epochs, more than the patience of 1.",
                    "Epoch 3: No epoch has a value of ValidationLoss, so none is the best. The patience of 3 epochs was reached, and "
                        + "training ended. The model is that of epoch 3.",
                },
                (await page.Locator(".events li").AllInnerTextsAsync()).ToArray());
            Assert.IsFalse((await page.InnerTextAsync("main")).Contains("best epoch", StringComparison.OrdinalIgnoreCase));
            Assert.IsFalse((await page.InnerTextAsync("main")).Contains("NaN", StringComparison.Ordinal));
            Assert.AreEqual(1, await Count(page, "[data-chart=loss] g[aria-label=rule]:has([stroke-dasharray])"), "the cut");
            TrainingReport.Compare(("a", history), ("b", history with { BestEpoch = null })).Save(Report);
            page = await Open();
            CollectionAssert.DoesNotContain((await page.Locator("#board thead th").AllTextContentsAsync()).ToArray(), "best epoch");
            StringAssert.Contains(await page.InnerTextAsync(".tiles"), "no training has a score");
        }

        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_plateau_is_explained_past_an_epoch_without_a_value()
    {
        var options = new LinearOptions { LearningRateSchedule = LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 1) };
        ReportSamples.History([5, 4, 3, 2], options, validation: [5, double.NaN, 6, 6]).SaveReport(Report);
        var page = await Open();
        Assert.AreEqual(
            "Epoch 3: The rate went from 0.1 to 0.05: ValidationLoss had not become better than 5 for 2 epochs, more than the patience "
                + "of 1.",
            await page.InnerTextAsync(".events li"));
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Rises_and_falls_of_a_schedule_that_is_greedy_are_explained()
    {
        var options = new LinearOptions
        {
            NumberOfEpochs = 9,
            LearningRateSchedule = LrSchedule.GreedyLR(factor: 0.5, patience: 1, minLr: 0.05) with { ResetStart = 2 },
        };
        double[] validation = [5, 4, 4, 4, 4, 4, 4, 4, 4];
        ReportSamples.History(validation, options, StopReason.Completed, validation).SaveReport(Report, "Greedy");
        var page = await Open();
        const string Worse = "ValidationLoss had not become better than 4 for 2 epochs, more than the patience of 1.";
        CollectionAssert.AreEqual(
            new[]
            {
                "Epoch 2: The rate went from 0.1 to 0.2: ValidationLoss had become better in 2 epochs, more than the patience of 1.",
                $"Epoch 4: The rate went from 0.2 to 0.1: {Worse}",
                $"Epoch 6: The rate went from 0.1 to 0.05: {Worse}",
                "Epoch 8: The rate went from 0.05 to 0.1: it had fallen to minLr 2 times since the last rise, and was reset.",
            },
            (await page.Locator(".events li").AllInnerTextsAsync()).ToArray());
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Trainings_made_apart_are_compared_by_what_differs()
    {
        var step = ReportSamples.History([5, 4, 3], new LinearOptions { LearningRateSchedule = LrSchedule.StepLR(2) });
        var cosine = ReportSamples.History(
            [5, 3, 2, 1], new LinearOptions
            {
                LearningRateSchedule = LrSchedule.CosineAnnealingLR(4),
                Optimizer = Optimizer.Adam(beta1: 0.8),
            });
        TrainingReport.Compare(("StepLR", step), ("my \"cosine\" </script>", cosine)).Save(Report);
        var page = await Open();
        Assert.AreEqual("Comparison", await page.InnerTextAsync("h1"));
        CollectionAssert.AreEqual(new[] { "my \"cosine\" </script>", "StepLR" }, await Column(page, "training"));
        CollectionAssert.AreEqual(new[] { "Adam(beta1: 0.8)", "default" }, await Column(page, "optimizer"));
        CollectionAssert.AreEqual(new[] { "CosineAnnealingLR(tMax: 4)", "StepLR(stepSize: 2)" }, await Column(page, "schedule"));
        CollectionAssert.AreEqual(new[] { 4, 3 }, (await Curves(page, "metric")).Select(curve => curve.Length).ToArray());
        StringAssert.Contains(await page.InnerTextAsync(".tiles"), "Best validation loss\n1\nmy \"cosine\" </script>");
        await page.ClickAsync("#board tbody tr:first-child button");
        StringAssert.StartsWith(await page.InnerTextAsync("#details-title"), "my \"cosine\" </script>");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task What_trainings_are_compared_by_is_drawn_first_and_rows_are_those_of_all()
    {
        var with = ReportSamples.History([5, 4, 3], rSquared: epoch => epoch / 10.0) with
        {
            TrainingRowCount = 400,
            ValidationRowCount = 100,
        };
        var without = ReportNamesTests.WithoutValidation(ReportSamples.History([6, 4, 2])) with { TrainingRowCount = 500 };
        TrainingReport.Compare(("with", with), ("without", without)).Save(Report);
        var page = await Open();
        StringAssert.Contains(await page.InnerTextAsync("#summary"), "compared by Training loss");
        await Look(page);
        StringAssert.Contains(await page.InnerTextAsync(".tiles"), "400 to 500\nand 0 to 100 for validation");
        // A sweep that is compared by it.
        new Study<LinearOptions>(
            Metric.TrainingLoss,
            [.. new[] { 0, 1 }.Select(i => ReportSamples.Trial(i, [5, 4, 3], drawn: [("x", (double)i)]) with { History = with })],
            bestModel: null, []).SaveReport(Report);
        await Look(await Open());
        Assert.AreEqual("", Complaints);

        static async Task Look(IPage page)
        {
            Assert.AreEqual("Training loss", await page.EvalOnSelectorAsync<string>("#metric", "list => list.selectedOptions[0].text"));
            CollectionAssert.AreEqual(new[] { 3, 3 }, (await Curves(page, "metric")).Select(curve => curve.Length).ToArray());
            CollectionAssert.AreEqual(
                new[] { "Training loss", "Validation loss", "R²" }, (await page.Locator("#metric option").AllInnerTextsAsync()).ToArray());
            Assert.AreEqual(0, await Count(page, "[data-chart=losses]"), "it is there once");
        }
    }

    [TestMethod]
    public void Trainings_of_one_name_or_of_several_kinds_are_refused()
    {
        var regression = ReportSamples.History([3, 2]);
        var binary = regression with { Trainer = nameof(TorchLogisticRegressionTrainer), Options = "{}" };
        Assert.AreEqual(
            "trainings must have a name of its own for each training. Received: 2 trainings with the name a (Parameter 'trainings')",
            Assert.ThrowsExactly<ArgumentException>(
                () => TrainingReport.Compare(("a", regression), ("b", regression), ("a", regression))).Message);
        Assert.AreEqual(
            "trainings must be of one kind of trainer, since the losses of several are not on one scale. Received: "
            + "TorchLinearRegressionTrainer, TorchLogisticRegressionTrainer (Parameter 'trainings')",
            Assert.ThrowsExactly<ArgumentException>(() => TrainingReport.Compare(("a", regression), ("b", binary))).Message);
        Assert.AreEqual(
            "trainings must have a name for each training. Received: \" \" for training 2 (Parameter 'trainings')",
            Assert.ThrowsExactly<ArgumentException>(() => TrainingReport.Compare(("a", regression), (" ", regression))).Message);
        Assert.AreEqual(
            "The name of training 2 is null. (Parameter 'trainings')",
            Assert.ThrowsExactly<ArgumentNullException>(() => TrainingReport.Compare(("a", regression), (null!, regression))).Message);
        Assert.AreEqual(
            "The history of the training b is null. (Parameter 'trainings')",
            Assert.ThrowsExactly<ArgumentNullException>(() => TrainingReport.Compare(("a", regression), ("b", null!))).Message);
        var name = new string('x', 5_000);
        var twice = Assert.ThrowsExactly<ArgumentException>(() => TrainingReport.Compare((name, regression), (name, regression)));
        Assert.IsLessThan(500, twice.Message.Length);
        // Of one kind, with several losses.
        var absolute = ReportSamples.History([3, 2], new LinearOptions { Loss = RegressionLoss.Absolute() });
        var report = TrainingReport.Compare(("squared", regression), ("absolute", absolute));
        report.Save(Report);
        StringAssert.Contains(
            File.ReadAllText(Report), "The trainings have different losses, which are not on one scale: SquaredLoss, AbsoluteLoss.");
        TrainingReport.Compare(("one", absolute), ("other", absolute)).Save(Report);
        Assert.IsFalse(File.ReadAllText(Report).Contains("different losses", StringComparison.Ordinal));
    }

    [TestMethod]
    public void A_report_is_written_over_a_report_and_over_no_other_page()
    {
        var history = ReportSamples.History([3, 2]);
        File.WriteAllText(Report, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>mine</title>");
        StringAssert.EndsWith(
            Assert.ThrowsExactly<IOException>(() => history.SaveReport(Report)).Message,
            "already exists and is not a report of this library. It was not changed. Choose another file, or delete it.");
        StringAssert.Contains(File.ReadAllText(Report), "mine");
        File.WriteAllText(Report, "");
        history.SaveReport(Report, "first");
        history.SaveReport(Report, "second");
        StringAssert.Contains(File.ReadAllText(Report), "<title>second</title>");
    }

    [TestMethod]
    public void A_comparison_is_by_the_validation_loss_where_all_have_it_and_needs_a_training()
    {
        var withValidation = ReportSamples.History([3, 2]);
        var without = withValidation with
        {
            Epochs =
            [
                .. withValidation.Epochs.Select(epoch => epoch with
                {
                    ValidationMetrics = ImmutableSortedDictionary<Metric, double>.Empty,
                }),
            ],
        };
        TrainingReport.Compare(("a", withValidation), ("b", without)).Save(Report);
        StringAssert.Contains(File.ReadAllText(Report), "\"metric\":\"TrainingLoss\"");
        TrainingReport.Compare(("a", withValidation)).Save(Report, metric: Metric.ValidationLoss);
        StringAssert.Contains(File.ReadAllText(Report), "\"metric\":\"ValidationLoss\"");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => TrainingReport.Compare(("a", withValidation), ("b", without)).Save(Report, metric: Metric.F1Score)).Message,
            "metric must be one that each training has measured: TrainingLoss. Received: F1Score");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => TrainingReport.Compare()).Message, "trainings must hold at least one training");
        Assert.ThrowsExactly<ArgumentNullException>(() => TrainingReport.Compare((null!, without)));
    }
}
