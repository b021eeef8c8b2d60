using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>ML.NET's calibrators after our binary trainer: their probabilities take the place of ours.</summary>
[TestClass]
public sealed class CalibratorTests
{
    private const string Label = "Truth";

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly IDataView _data;

    public CalibratorTests() => _data = TaskCase.Rows(_mlContext, 600);

    [TestMethod]
    public void Platts_fits_the_scores_of_a_hinge_about_as_well_as_our_own()
    {
        var hinge = Trainer(BinaryLoss.Hinge());
        var ours = LogLoss(Probabilities(hinge.Fit(_data)));
        var theirs = LogLoss(Probabilities(hinge.Append(_mlContext.BinaryClassification.Calibrators.Platt(Label)).Fit(_data)));
        // Ours finds the minimum; theirs stops on the way to it.
        Assert.IsLessThanOrEqualTo(theirs, ours);
        Assert.IsLessThan(1.2 * ours, theirs);
    }

    [TestMethod]
    public void A_given_sigmoid_is_taken_of_our_scores()
    {
        var rows = Calibrated(Trainer(BinaryLoss.Logistic()), _mlContext.BinaryClassification.Calibrators.Platt(slope: -2, offset: 0.5));
        foreach (var row in rows) Assert.AreEqual(1 / (1 + Math.Exp(-2 * row.Score + 0.5)), row.Probability, 1e-6);
    }

    [TestMethod]
    public void An_isotonic_one_rises_with_our_scores_and_is_right_on_average()
    {
        var rows = Calibrated(Trainer(BinaryLoss.SquaredHinge()), _mlContext.BinaryClassification.Calibrators.Isotonic(Label));
        var sorted = rows.OrderBy(row => row.Score).Select(row => row.Probability).ToArray();
        for (var row = 1; row < sorted.Length; row++) Assert.IsGreaterThanOrEqualTo(sorted[row - 1], sorted[row]);
        Assert.IsGreaterThan(2, sorted.Distinct().Count());
        Assert.AreEqual(TaskCase.Points(600).Average(point => point.Truth ? 1.0 : 0), sorted.Average(), 0.01);
    }

    [TestMethod]
    public void A_naive_one_knows_high_scores_from_low_ones()
    {
        var rows = Calibrated(Trainer(BinaryLoss.Hinge()), _mlContext.BinaryClassification.Calibrators.Naive(Label));
        Assert.IsLessThan(0.1, rows.MinBy(row => row.Score)!.Probability);
        Assert.IsGreaterThan(0.9, rows.MaxBy(row => row.Score)!.Probability);
    }

    [TestMethod]
    public void A_calibrated_chain_is_saved_with_the_history()
    {
        var trainer = Trainer(BinaryLoss.Hinge());
        var model = trainer.Append(_mlContext.BinaryClassification.Calibrators.Platt(Label)).Fit(_data);
        using var file = new MemoryStream();
        _mlContext.Model.Save(model, _data.Schema, file);
        file.Position = 0;
        Assert.AreEqual(nameof(TorchLogisticRegressionTrainer), TrainingHistory.Load(file).Trainer);
        file.Position = 0;
        var loaded = new MLContext(seed: 2).Model.Load(file, out _);
        CollectionAssert.AreEqual(Probabilities(model), Probabilities(loaded));
    }

    /// <summary>In nats.</summary>
    private static double LogLoss(float[] probabilities) =>
        -TaskCase.Points(600).Zip(probabilities, (point, p) => Math.Log(point.Truth ? p : 1.0 - p)).Average();

    private float[] Probabilities(ITransformer model) => [.. model.Transform(_data).GetColumn<float>("Probability")];

    private TorchLogisticRegressionTrainer Trainer(BinaryLoss loss) => _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(
        new TorchLogisticRegressionTrainer.Options { LabelColumnName = Label, Loss = loss, LearningRate = 0.05, Seed = 1 }.Plain());

    private ScoredRow[] Calibrated(TorchLogisticRegressionTrainer trainer, IEstimator<ITransformer> calibrator) =>
    [
        .. _mlContext.Data.CreateEnumerable<ScoredRow>(trainer.Append(calibrator).Fit(_data).Transform(_data), reuseRowObject: false),
    ];

    private sealed class ScoredRow
    {
        public float Score { get; set; }

        public float Probability { get; set; }
    }
}
