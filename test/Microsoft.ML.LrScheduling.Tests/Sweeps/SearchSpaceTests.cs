using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

[TestClass]
public sealed class SearchSpaceTests
{
    private const string Json = """
        {
          "learningRate": { "$logRange": [1e-4, 1] },
          "batchSize": { "$choice": [32, 256] },
          "learningRateSchedule": { "$choice": [
            null,
            { "type": "StepLR", "stepSize": { "$integers": [2, 10] }, "gamma": { "$range": [0.1, 0.9] } }
          ] }
        }
        """;

    [TestMethod]
    public void A_grid_has_every_combination_once_also_where_one_choice_leads_to_others()
    {
        var space = SearchSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LearningRateSchedule = draw.Choice("schedule", "none", "step") == "step" ? LrSchedule.StepLR(draw.Integer("size", 1, 3), draw.Choice("gamma", 0.1, 0.5)) : null,
            LearningRate = draw.LogRange("rate", 0.01, 1),
        });
        var trials = SweepStrategy.Grid(points: 3).Lots(space, 0).Single().Trials.ToArray();
        // (none + 3 sizes · 2 gammas) · 3 rates.
        Assert.AreEqual(21, trials.Length);
        Assert.AreEqual(21, trials.Select(trial => string.Join(' ', trial.Hyperparameters.Select(drawn => drawn.Text))).Distinct().Count());
        CollectionAssert.AreEqual(Enumerable.Range(0, 21).ToArray(), trials.Select(trial => trial.Number).ToArray());
        foreach (var (expected, actual) in new[] { 0.01, 0.1, 1 }.Zip(trials.Take(3))) Assert.AreEqual(expected, actual.Options.LearningRate, 1e-15);
    }

    [TestMethod]
    public void Draws_are_within_their_bounds_and_follow_from_seed_and_number() => Check.QuickThrowOnFailure(
        Prop.ForAll(ArbMap.Default.ArbFor<(int Seed, ushort Trial, int A, int B, NormalFloat X, NormalFloat Y)>(), input =>
        {
            var (low, high) = (Math.Min(input.A, input.B), Math.Max(input.A, input.B));
            var (least, most) = (Math.Min(input.X.Item, input.Y.Item), Math.Max(input.X.Item, input.Y.Item));
            if (least == most || !double.IsFinite(most - least)) return true;
            (int, double, double, char) Draw()
            {
                var draw = new RandomDraw(input.Seed, input.Trial);
                return (draw.Integer("i", low, high), draw.Range("x", least, most), draw.LogRange("y", 1e-9, 1e9), draw.Choice("c", 'a', 'b', 'c'));
            }

            var (i, x, y, _) = Draw();
            return i >= low && i <= high && x >= least && x <= most && y is >= 1e-9 and <= 1e9 && Draw() == Draw();
        }));

    [TestMethod]
    public void Draws_are_spread_evenly()
    {
        var draws = Enumerable.Range(0, 3000).Select(trial => new RandomDraw(seed: 1, trial)).Select(draw => (draw.LogRange("y", 1e-3, 1e3), draw.Integer("i", 1, 3))).ToArray();
        // A share of half has a standard deviation of 0.5 / √3000 = 0.009, one of a third 0.0086.
        Assert.AreEqual(0.5, draws.Count(draw => draw.Item1 < 1) / 3000.0, 0.045);
        for (var i = 1; i <= 3; i++) Assert.AreEqual(1 / 3.0, draws.Count(draw => draw.Item2 == i) / 3000.0, 0.043);
    }

    [TestMethod]
    public void Json_is_the_same_space()
    {
        var (code, json) = (SearchSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LearningRate = draw.LogRange("learningRate", 1e-4, 1),
            BatchSize = draw.Choice("batchSize", 32, 256),
            LearningRateSchedule = draw.Choice("learningRateSchedule", "none", "step") == "none"
                ? null
                : LrSchedule.StepLR(draw.Integer("learningRateSchedule.stepSize", 2, 10), draw.Range("learningRateSchedule.gamma", 0.1, 0.9)),
        }), SearchSpace.FromJson<TorchLinearRegressionTrainer.Options>(Json));
        foreach (var strategy in new[] { SweepStrategy.Random(40), SweepStrategy.Grid(3) })
            CollectionAssert.AreEqual(
                strategy.Lots(code, 7).SelectMany(lot => lot.Trials).Select(trial => trial.Options.ToJson()).ToArray(),
                strategy.Lots(json, 7).SelectMany(lot => lot.Trials).Select(trial => trial.Options.ToJson()).ToArray());
        CollectionAssert.AreEqual(
            new[] { "learningRate", "batchSize", "learningRateSchedule", "learningRateSchedule.stepSize", "learningRateSchedule.gamma" },
            SweepStrategy.Grid(2).Lots(json, 0).Single().Trials.Last().Hyperparameters.Select(drawn => drawn.Name).ToArray());
    }

    [TestMethod]
    [DataRow("{", "")]
    [DataRow("[]", "must be an object")]
    [DataRow("""{ "learningRate": { "$rnage": [1, 2] } }""", "learningRate: a hyperparameter must be one of $range, $logRange, $integers, $choice. Received: $rnage")]
    [DataRow("""{ "learningRate": { "$range": [1] } }""", "learningRate: $range must have a list of two numbers. Received: [1]")]
    [DataRow("""{ "learningRate": { "$range": [2, 1] } }""", "The bounds of learningRate must be finite, and the first below the second. Received: 2 and 1")]
    [DataRow("""{ "learningRate": { "$logRange": [0, 1] } }""", "The bounds of learningRate must be in (0, ∞)")]
    [DataRow("""{ "batchSize": { "$choice": [] } }""", "batchSize must have at least one value to choose from")]
    [DataRow("""{ "laerningRate": 1 }""", "laerningRate")]
    public void Json_that_is_no_space_is_refused(string json, string message) => StringAssert.Contains(
        Assert.Throws<JsonException>(() => SearchSpace.FromJson<TorchLinearRegressionTrainer.Options>(json)).Message, message);
}
