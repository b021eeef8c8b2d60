using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Tests.Data;

[TestClass]
public sealed class FeatureScalesTests
{
    [TestMethod]
    [DataRow(1f, 1f, 50f, false)]
    [DataRow(0.01f, 0f, 0.9f, false)]
    [DataRow(0.01f, 1f, 2f, true)]
    [DataRow(1f, 1f, 150f, true)]
    [DataRow(3000f, 3000f, 3000f, true)]
    [DataRow(0f, 0f, 0f, false)]
    public void Features_are_uneven_beyond_a_ratio_or_a_size(float first, float second, float third, bool isUneven)
    {
        foreach (var width in new[] { 3, 600 })
        {
            var builder = new TrainingSetBuilder(width, hasWeights: false);
            int[] indices = [0, 1, width - 1];
            for (var row = 0; row < 5000; row++)
            {
                var sign = row % 2 == 0 ? 1 : -1;
                builder.Add([first * sign, second, third * sign], width == 3 ? [] : indices, 0, 1);
            }

            var set = builder.Build("training");
            Assert.AreEqual(width > 3, set.IsSparse);
            var found = FeatureScales.FindUneven(set);
            Assert.AreEqual(isUneven, found is not null, $"width {width}");
            if (found is not var (smallest, smallestScale, largest, largestScale)) continue;
            Assert.AreEqual(new[] { first, second, third }.Where(scale => scale != 0).Min(), smallestScale, 1e-3);
            Assert.AreEqual(new[] { first, second, third }.Max(), largestScale, 1e-3);
            CollectionAssert.Contains(indices, smallest);
            CollectionAssert.Contains(indices, largest);
        }
    }
}
