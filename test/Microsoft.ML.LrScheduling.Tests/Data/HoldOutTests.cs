using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Tests.Data;

[TestClass]
public sealed class HoldOutTests
{
    [TestMethod]
    public void The_part_held_back_is_the_fraction_to_within_one_row() => Check.QuickThrowOnFailure(
        Prop.ForAll(ArbMap.Default.ArbFor<(ushort Rows, ushort Fraction, int Seed)>(), draw =>
        {
            var fraction = (1 + draw.Fraction % 998) / 1000.0;
            var taken = Taken(draw.Rows, fraction, draw.Seed).Length;
            return Math.Abs(taken - draw.Rows * fraction) <= 1;
        }));

    [TestMethod]
    public void The_seed_decides_which_rows()
    {
        CollectionAssert.AreEqual(Taken(10_000, 0.2, 5), Taken(10_000, 0.2, 5));
        CollectionAssert.AreNotEqual(Taken(10_000, 0.2, 5), Taken(10_000, 0.2, 6));
    }

    [TestMethod]
    public void Every_place_in_a_stretch_is_as_likely()
    {
        // A fifth of 50,000 rows: 10,000 draws of one of five places, 2,000 each with a standard deviation of 40.
        var places = Taken(50_000, 0.2, 11).CountBy(row => row % 5).ToDictionary();
        for (var place = 0; place < 5; place++) Assert.AreEqual(2000, places[place], 200);
    }

    private static int[] Taken(int rows, double fraction, int seed)
    {
        var holdOut = new HoldOut(fraction, seed);
        return [.. Enumerable.Range(0, rows).Where(_ => holdOut.TakesNext())];
    }
}
