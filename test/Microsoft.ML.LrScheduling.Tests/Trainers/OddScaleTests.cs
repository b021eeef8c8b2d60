using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>
/// Features and labels whose middle says little of the rest; expected values are the labels that the rows were made with.
/// </summary>
[TestClass]
public sealed class OddScaleTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Most_labels_may_lie_close_together_and_the_others_far_from_them()
    {
        var rows = Enumerable.Range(0, 100).Select(i => (i < 60 ? 0.001f * (i % 6) : 1000, new VBuffer<float>(1, [i < 60 ? 0f : 1])));
        var predict = Train(rows, new() { Loss = new AbsoluteLoss(), Seed = 1 });
        Assert.AreEqual(1000, predict(new(1, [1f])), 20);
        Assert.AreEqual(0, predict(new(1, [0f])), 20);
    }

    [TestMethod]
    public void Few_labels_far_away_do_not_set_the_scale_of_a_loss_that_bears_them()
    {
        float[] labels = [.. Enumerable.Range(0, 100).Select(i => i < 85 ? i % 10 : 1e9f)];
        Assert.IsTrue(LabelScale.RobustOf(labels, []).Scale < 10);
    }

    [TestMethod]
    public void A_feature_of_sparse_rows_may_be_far_from_zero()
    {
        // Dates as numbers, in rows of a date and one of 199 categories.
        VBuffer<float> Features(int i) => new(200, 2, [20240102 + 2 * (i % 15), 1], [0, 1 + i % 199]);
        var predict = Train(Enumerable.Range(0, 2000).Select(i => ((float)(i % 15), Features(i))), new() { Seed = 1 });
        for (var i = 0; i < 15; i++) Assert.AreEqual(i, predict(Features(i)), 1);
    }

    [TestMethod]
    public void A_first_row_that_weighs_next_to_nothing_does_not_take_from_the_scale_of_a_feature()
    {
        var moments = new FeatureMoments(featureCount: 1, hasWeights: true);
        float[] values = [1e7f, .. Enumerable.Range(1, 999).Select(i => (float)(i % 8))];
        float[] weights = [1e-12f, .. Enumerable.Repeat(1f, 999)];
        moments.Add([.. values, .. new float[TrainingSet.Slack]], 1000, weights);
        var (means, scales) = moments.Finish();
        // Of 0, 1 … 7 in nearly equal shares.
        Assert.AreEqual(3.5, means[0], 0.01);
        Assert.AreEqual(1 / Math.Sqrt(5.25), scales[0], 0.01);
    }

    [TestMethod]
    public void Rows_are_sparse_by_their_zeros_however_the_first_one_is_given()
    {
        TrainingSet Build(params bool[] isDense)
        {
            var builder = new TrainingSetBuilder(featureCount: 1000, hasWeights: false);
            foreach (var dense in isDense)
            {
                var values = new float[1000];
                (values[3], values[700]) = (1, 2);
                if (dense) builder.Add(values, [], label: 0, weight: 1);
                else builder.Add([1, 2], [3, 700], label: 0, weight: 1);
            }

            return builder.Build("training");
        }

        Assert.IsTrue(Build(true, false, false).IsSparse);
        Assert.IsTrue(Build(false, true, true).IsSparse);
        // Who gives all zeros wants them.
        Assert.IsFalse(Build(true, true).IsSparse);
    }

    [TestMethod]
    public void Dampening_without_momentum_does_not_change_the_rate_that_follows_from_the_rows()
    {
        var builder = new TrainingSetBuilder(featureCount: 1, hasWeights: false);
        for (var i = 0; i < 10; i++) builder.Add([i], [], label: i, weight: 1);
        var curvature = new RowCurvature(builder.Build("training"), lossCurvature: 1);
        Assert.AreEqual(curvature.RateFor(Optimizer.Sgd(), 1), curvature.RateFor(Optimizer.Sgd(dampening: 0.9), 1));
    }

    private Func<VBuffer<float>, float> Train(
        IEnumerable<(float Label, VBuffer<float> Features)> rows, TorchLinearRegressionTrainer.Options options)
    {
        Row[] all = [.. rows.Select(row => new Row { Label = row.Label, Features = row.Features })];
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, all[0].Features.Length);
        var model = _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(_mlContext.Data.LoadFromEnumerable(all, schema));
        return features => model.Transform(_mlContext.Data.LoadFromEnumerable([new Row { Features = features }], schema))
            .GetColumn<float>("Score").Single();
    }

    private sealed class Row
    {
        public float Label { get; set; }

        public VBuffer<float> Features { get; set; }
    }
}
