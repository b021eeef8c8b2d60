using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Tests.Data;

[TestClass]
public sealed class HoldOutTests
{
    [TestMethod]
    public void The_part_held_back_is_the_fraction_to_within_one_row() => Draws.Hold(
        Prop.ForAll(ArbMap.Default.ArbFor<(ushort Rows, ushort Fraction, int Seed)>(), draw =>
        {
            var fraction = (1 + draw.Fraction % 998) / 1000.0;
            return Holders(fraction, draw.Seed).All(holdOut => Math.Abs(Taken(draw.Rows, holdOut).Length - draw.Rows * fraction) <= 1);
        }));

    [TestMethod]
    public void Of_two_rows_or_more_one_is_on_each_side_for_any_seed()
    {
        foreach (var fraction in new[] { 1e-9, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999999 })
            for (var rows = 2; rows < 12; rows++)
                for (var seed = 0; seed < 50; seed++)
                    foreach (var holdOut in Holders(fraction, seed))
                        Assert.IsInRange(1, rows - 1, Chosen(rows, holdOut).Count(), $"{rows} rows, {fraction}, seed {seed}");
    }

    [TestMethod]
    public void The_seed_decides_which_rows()
    {
        CollectionAssert.AreEqual(Taken(10_000, new RandomHoldOut(0.2, 5)), Taken(10_000, new RandomHoldOut(0.2, 5)));
        CollectionAssert.AreNotEqual(Taken(10_000, new RandomHoldOut(0.2, 5)), Taken(10_000, new RandomHoldOut(0.2, 6)));
    }

    [TestMethod]
    public void Every_place_in_a_stretch_is_as_likely()
    {
        // A fifth of 50,000 rows: 10,000 draws of one of five places, 2,000 each with a standard deviation of 40.
        var places = Taken(50_000, new RandomHoldOut(0.2, 11)).CountBy(row => row % 5).ToDictionary();
        for (var place = 0; place < 5; place++) Assert.AreEqual(2000, places[place], 200);
        // Of rows that are fewer than a stretch as well: each of three rows 200 times of 600, with a standard deviation of 11.5.
        var few = Enumerable.Range(0, 600)
            .Select(seed => Chosen(3, new RandomHoldOut(0.01, seed)).Single()).CountBy(row => row).ToDictionary();
        for (var row = 0; row < 3; row++) Assert.AreEqual(200, few[row], 60);
    }

    [TestMethod]
    public void The_last_rows_are_the_last_ones() =>
        CollectionAssert.AreEqual(new[] { 8, 9, 10 }, Taken(11, new LastHoldOut(0.25)));

    [TestMethod]
    public void Rows_of_a_key_go_to_one_side_and_those_of_each_side_stay_in_order()
    {
        var random = new Random(3);
        int[] keys = [.. Enumerable.Range(0, 500).Select(_ => random.Next(40))];
        foreach (var holdOut in Holders(0.3, 4))
        {
            var taken = Taken(500, holdOut, row => keys[row]);
            var heldBack = taken.Select(row => keys[row]).ToHashSet();
            // 0.3 · 40 keys, to within one.
            Assert.AreEqual(12, heldBack.Count, 1);
            CollectionAssert.AreEqual(Enumerable.Range(0, 500).Where(row => heldBack.Contains(keys[row])).ToArray(), taken);
        }
    }

    private static HoldOut[] Holders(double fraction, int seed) => [new RandomHoldOut(fraction, seed), new LastHoldOut(fraction)];

    /// <summary>The units that are held back, each of a key of its own.</summary>
    private static IEnumerable<int> Chosen(int units, HoldOut holdOut)
    {
        for (var unit = 0; unit < units; unit++) Assert.AreEqual(unit, holdOut.UnitOfNext(unit));
        holdOut.End();
        return Enumerable.Range(0, units).Where(unit => holdOut.IsHeldBack(unit) == true);
    }

    /// <summary>The rows that are held back, in their order; all others are in theirs.</summary>
    private static int[] Taken(int rows, HoldOut holdOut, Func<int, object>? key = null)
    {
        var (training, validation) = (new TrainingSetBuilder(1, hasWeights: false), new TrainingSetBuilder(1, hasWeights: false));
        var split = new RowSplit(holdOut, training, validation);
        for (var row = 0; row < rows; row++) split.Add([row], [], row, 1, key?.Invoke(row));
        split.End();
        var (trained, taken) = (Labels(training), Labels(validation));
        CollectionAssert.AreEqual(Enumerable.Range(0, rows).Except(taken).ToArray(), trained);
        return taken;

        static int[] Labels(TrainingSetBuilder builder) =>
            [.. builder.Build("").LabelsAndWeights().Labels.Select(label => (int)label)];
    }
}
