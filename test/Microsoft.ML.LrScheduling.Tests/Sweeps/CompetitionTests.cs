using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Sweeps;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

/// <summary>Who goes up and who is left, in whatever order trials come: against the definition, written down a second time.</summary>
[TestClass]
public sealed class CompetitionTests
{
    [TestMethod]
    public void Whoever_is_among_the_best_of_those_that_have_come_goes_up()
    {
        var competition = new Competition(new Rungs(1, 3), Enumerable.Range(0, 9));
        competition.Come(0, 0.5);
        competition.Come(1, 0.4);
        AreEqual([], competition.TakeThoseThatGoUp(), "⌊2 / 3⌋ = 0");
        competition.Come(2, 0.6);
        AreEqual([1], competition.TakeThoseThatGoUp(), "the best of three");
        Assert.AreEqual(3, competition.NextRung(1));
        competition.Come(3, 0.3);
        AreEqual([3], competition.TakeThoseThatGoUp(), "the best of four, whoever went before");
        competition.Come(4, null);
        competition.Come(5, 0.45);
        AreEqual([], competition.TakeThoseThatGoUp(), "the best two of six are gone");
        AreEqual([0, 2, 4], competition.TakeThoseThatAreLeft().Order(), "⌈9 / 3⌉ = 3 have better scores");
    }

    [TestMethod]
    public void In_whatever_order_trials_come_those_go_up_and_are_left_that_the_definition_names() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => new Simulation(new Random(seed)).Run()));

    [TestMethod]
    public void Where_all_come_at_once_it_is_successive_halving() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(100),
        Prop.ForAll(Gen.Choose(1, 100).ToArbitrary(), Gen.Choose(2, 5).ToArbitrary(), (trials, reduction) =>
        {
            var random = new Random(trials);
            var costs = Enumerable.Range(0, trials).Select(_ => random.NextDouble()).ToArray();
            var competition = new Competition(new Rungs(1, reduction), Enumerable.Range(0, trials));
            // Jamieson and Talwalkar: of n that are there ⌈n / η⌉ go on; of one it goes on for ever, until its own end.
            for (var there = Enumerable.Range(0, trials).ToArray(); there.Length > 1;)
            {
                foreach (var trial in there) competition.Come(trial, costs[trial]);
                var going = there.OrderBy(trial => costs[trial]).Take((int)Math.Ceiling(there.Length / (double)reduction))
                    .Order().ToArray();
                AreEqual(there.Except(going).Order(), competition.TakeThoseThatAreLeft().Order(), "left");
                AreEqual(going, competition.TakeThoseThatGoUp().Order(), "go up");
                there = going;
            }
        }));

    private static void AreEqual(IEnumerable<int> expected, IEnumerable<int> actual, string message) =>
        CollectionAssert.AreEqual(expected.ToArray(), actual.ToArray(), message);

    /// <summary>Trials that come, end and go up in a random order.</summary>
    private sealed class Simulation(Random random)
    {
        private readonly int _reduction = random.Next(2, 5);
        private readonly int _epochs = random.Next(1, 40);
        private readonly List<Trial> _trials = [.. Enumerable.Range(0, random.Next(1, 60)).Select(number => new Trial(number))];

        private IEnumerable<int> Rungs => Enumerable.Range(0, 30).Select(power => Math.Pow(_reduction, power))
            .TakeWhile(rung => rung <= _epochs).Select(rung => (int)rung);

        public void Run()
        {
            var competition = new Competition(new Rungs(1, _reduction), _trials.Select(trial => trial.Number));
            // Some ended in an earlier run of the sweep, whose journal has their scores at all rungs.
            foreach (var trial in _trials.Where(_ => random.Next(4) == 0)) End(trial, random.Next(_epochs + 1), competition);
            while (_trials.Where(trial => trial.IsUnderWay).ToArray() is { Length: > 0 } underWay)
            {
                // Several come between two looks, as results do between two polls.
                foreach (var trial in underWay.OrderBy(_ => random.Next()).Take(random.Next(1, 5))) Come(trial, competition);
                var left = competition.TakeThoseThatAreLeft();
                foreach (var number in left) Leave(_trials[number]);
                var going = competition.TakeThoseThatGoUp();
                var expected = Rungs.Reverse().SelectMany(Promotable).ToArray();
                AreEqual(expected.Order(), going.Order(), "go up");
                AreEqual(
                    going.Select(number => _trials[number].Rung).OrderDescending(), going.Select(number => _trials[number].Rung),
                    "the highest rung first");
                foreach (var number in going) _trials[number].IsUnderWay = true;
            }

            // In the end nobody waits, and of the n that came to a rung the best ⌈n / η⌉ went on, or had ended.
            Assert.IsTrue(_trials.TrueForAll(trial => trial.IsOver));
            foreach (var rung in Rungs)
            {
                var there = There(rung);
                foreach (var trial in there.Take((int)Math.Ceiling(there.Length / (double)_reduction)))
                    Assert.IsFalse(trial.LeftAt == rung, $"trial {trial.Number} of rung {rung}");
            }
        }

        private void Come(Trial trial, Competition competition)
        {
            trial.IsUnderWay = false;
            var next = Rungs.FirstOrDefault(rung => rung > trial.Rung, int.MaxValue);
            Assert.AreEqual(next > _epochs ? (int)Math.Pow(_reduction, Rungs.Count()) : next, competition.NextRung(trial.Number));
            // One in five fails on the way; all end after their epochs.
            var last = random.Next(5) == 0 ? random.Next(trial.Rung, _epochs) : _epochs;
            if (last >= next && (last > next || next < _epochs))
            {
                (trial.Rung, trial.Costs[next]) = (next, Cost());
                competition.Come(trial.Number, trial.Costs[next]);
                return;
            }

            End(trial, last, competition);
        }

        private void End(Trial trial, int last, Competition competition)
        {
            (trial.IsUnderWay, trial.IsOver) = (false, true);
            foreach (var rung in Rungs.Where(rung => rung > trial.Rung && rung <= last)) trial.Costs[rung] = Cost();
            competition.End(trial.Number, last, rung => trial.Costs[rung]);
        }

        // Some have the same, and some none.
        private double? Cost() => random.Next(8) == 0 ? null : random.Next(30);

        private void Leave(Trial trial)
        {
            Assert.IsTrue(trial is { IsUnderWay: false, IsOver: false });
            // Whatever comes of those that may come yet, it is not among the best: not if none of them does better.
            var most = There(trial.Rung).Length + _trials.Count(other => !other.IsOver && other.Rung < trial.Rung);
            Assert.IsTrue(Array.IndexOf(There(trial.Rung), trial) >= Math.Ceiling(most / (double)_reduction));
            (trial.IsOver, trial.LeftAt) = (true, trial.Rung);
        }

        /// <summary>Algorithm 2 of the paper, with ⌈⌉ where all are there.</summary>
        private IEnumerable<int> Promotable(int rung)
        {
            var there = There(rung);
            var isFull = !_trials.Exists(trial => !trial.IsOver && trial.Rung < rung);
            var best = there.Length / (double)_reduction;
            return there.Take((int)(isFull ? Math.Ceiling(best) : Math.Floor(best)))
                .Where(trial => trial is { IsUnderWay: false, IsOver: false } && trial.Rung == rung).Select(trial => trial.Number);
        }

        private Trial[] There(int rung) => [.. _trials.Where(trial => trial.Costs.ContainsKey(rung))
            .OrderBy(trial => trial.Costs[rung] is null).ThenBy(trial => trial.Costs[rung]).ThenBy(trial => trial.Number)];

        private sealed class Trial(int number)
        {
            public int Number => number;

            public Dictionary<int, double?> Costs { get; } = [];

            public int Rung { get; set; }

            public bool IsUnderWay { get; set; } = true;

            public bool IsOver { get; set; }

            public int? LeftAt { get; set; }
        }
    }
}
