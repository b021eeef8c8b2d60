using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Our models, with the normaliser before them, as ONNX: what OnnxRuntime computes is what <c>Transform</c> gives.</summary>
[TestClass]
public sealed class OnnxTests
{
    private const int Rows = 500;

    // Two sums of the same five numbers, in orders of their own, differ by at most 2 · 4 · 2⁻²⁴ of what their absolute values add
    // up to, which the largest score comes near to. Probabilities, and scores that are some, come of the scores by functions of their
    // own.
    private const float Rounding = 2 * 4 / 16_777_216f;
    private const float OfFunctions = 1e-6f;

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly IDataView _data;

    public OnnxTests() => _data = TaskCase.Rows(_mlContext, Rows);

    public static IEnumerable<object[]> Tasks => TaskCase.All;

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_chain_gives_its_scores_and_labels_in_OnnxRuntime(TaskCase task)
    {
        var model = _mlContext.Transforms.NormalizeMeanVariance("Features").Append(task.Trainer(_mlContext)).Fit(_data);
        AssertSame(model);
    }

    [TestMethod]
    public void Classes_that_are_texts_are_texts_in_OnnxRuntime()
    {
        var names = new[] { "low", "middle", "high" };
        var data = _mlContext.Data.LoadFromEnumerable(
            TaskCase.Points(Rows).Select(point => new NamedRow { Kind = names[point.Class], Features = point.Features }));
        var model = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Kind")
            .Append(_mlContext.Transforms.NormalizeMeanVariance("Features"))
            .Append(_mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy())
            .Append(_mlContext.Transforms.Conversion.MapKeyToValue("PredictedKind", "PredictedLabel"))
            .Fit(data);
        using var file = new MemoryStream();
        _mlContext.Model.ConvertToOnnx(model, data, file, "Score", "PredictedKind");
        using var session = new InferenceSession(file.ToArray());
        // The label is an input too, since the map of its values is part of the chain; which value it has is the same to the prediction.
        using var results = session.Run(
            [Column("Features", TaskCase.Points(Rows).SelectMany(point => point.Features)), Column("Kind", Enumerable.Repeat("", Rows))]);
        var scored = model.Transform(data);
        AssertNear(
            [.. scored.GetColumn<float[]>("Score").SelectMany(row => row)],
            [.. results.Single(result => result.Name == "Score.output").AsTensor<float>()]);
        var kinds = scored.GetColumn<string>("PredictedKind").ToArray();
        CollectionAssert.AreEqual(kinds, results.Single(result => result.Name == "PredictedKind.output").AsTensor<string>().ToArray());
        CollectionAssert.AreEquivalent(names, kinds.Distinct().ToArray());
    }

    [TestMethod]
    public void A_threshold_a_fitted_probability_and_a_count_stay_in_the_file()
    {
        var hinge = new TorchLogisticRegressionTrainer.Options { LabelColumnName = "Truth", Loss = BinaryLoss.Hinge(), Threshold = 0.3f };
        var strict = _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(hinge).Fit(_data);
        AssertSame(strict);
        var scores = strict.Transform(_data).GetColumn<float>("Score");
        Assert.IsTrue(scores.Any(score => score is > 0 and < 0.3f), "the threshold decides nothing");
        var counts = new TorchLinearRegressionTrainer.Options { LabelColumnName = "Weight", Loss = RegressionLoss.Poisson() };
        AssertSame(_mlContext.Regression.Trainers.TorchLinearRegression(counts).Fit(_data));
    }

    private void AssertSame(ITransformer model)
    {
        using var file = new MemoryStream();
        _mlContext.Model.ConvertToOnnx(model, _data, file);
        using var session = new InferenceSession(file.ToArray());
        var points = TaskCase.Points(Rows).ToArray();
        using var results = session.Run(
        [
            Column("Features", points.SelectMany(point => point.Features)), Column("Number", points.Select(point => point.Number)),
            Column("Truth", points.Select(point => point.Truth)), Column("Class", points.Select(point => point.Class)),
            Column("Weight", points.Select(point => point.Weight)),
        ]);
        var scored = model.Transform(_data);
        var compared = 0;
        foreach (var column in scored.Schema.Where(column => column.Name is "Score" or "Probability" or "PredictedLabel"))
        {
            var result = results.Single(result => result.Name == $"{column.Name}.output");
            switch (column.Type)
            {
                case VectorDataViewType:
                    AssertNear([.. scored.GetColumn<float[]>(column).SelectMany(row => row)], [.. result.AsTensor<float>()]);
                    break;
                case NumberDataViewType:
                    AssertNear([.. scored.GetColumn<float>(column)], [.. result.AsTensor<float>()]);
                    break;
                case BooleanDataViewType:
                    CollectionAssert.AreEqual(scored.GetColumn<bool>(column).ToArray(), result.AsTensor<bool>().ToArray());
                    break;
                default:
                    CollectionAssert.AreEqual(scored.GetColumn<uint>(column).ToArray(), result.AsTensor<uint>().ToArray());
                    break;
            }

            compared++;
        }

        Assert.AreEqual(scored.Schema.Count(column => !column.IsHidden) - _data.Schema.Count, compared);
    }

    private static void AssertNear(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        var tolerance = Math.Max(OfFunctions, Rounding * expected.Max(Math.Abs));
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], tolerance, $"number {i}");
    }

    private static NamedOnnxValue Column<T>(string name, IEnumerable<T> values)
    {
        var all = values.ToArray();
        return NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(all, [Rows, all.Length / Rows]));
    }

    private sealed class NamedRow
    {
        public string Kind { get; set; } = "";

        [VectorType(4)]
        public float[] Features { get; set; } = [];
    }
}
