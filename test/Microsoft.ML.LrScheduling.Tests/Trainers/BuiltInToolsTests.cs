using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>
/// ML.NET's own tools on our trainers and transformers: on our types where its signatures allow it, else through <c>BuiltIn</c>.
/// </summary>
[TestClass]
public sealed class BuiltInToolsTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly IDataView _data;

    public BuiltInToolsTests() => _data = TaskCase.Rows(_mlContext, 600);

    [TestMethod]
    public void CrossValidate_works_for_each_task()
    {
        foreach (var fold in _mlContext.Regression.CrossValidate(_data, Regression(), 3, "Number"))
            Assert.IsGreaterThan(0.9, fold.Metrics.RSquared);
        foreach (var fold in _mlContext.BinaryClassification.CrossValidate(_data, Binary(), 3, "Truth"))
            Assert.IsGreaterThan(0.95, fold.Metrics.AreaUnderRocCurve);
        foreach (var fold in _mlContext.MulticlassClassification.CrossValidate(_data, Multiclass(), 3, "Class"))
            Assert.IsGreaterThan(0.75, fold.Metrics.MicroAccuracy);
    }

    [TestMethod]
    public void ChangeModelThreshold_takes_the_built_in_transformer()
    {
        var model = Binary().Fit(_data);
        var strict = _mlContext.BinaryClassification.ChangeModelThreshold(model.BuiltIn, 0.7f);
        var (scores, labels) = (strict.Transform(_data).GetColumn<float>("Score").ToArray(),
            strict.Transform(_data).GetColumn<bool>("PredictedLabel").ToArray());
        for (var row = 0; row < scores.Length; row++) Assert.AreEqual(scores[row] > 0.7f, labels[row]);
        CollectionAssert.AreNotEqual(labels, model.Transform(_data).GetColumn<bool>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void OneVersusAll_takes_the_trainer_as_one_of_the_built_in_transformer()
    {
        var pipeline = _mlContext.MulticlassClassification.Trainers.OneVersusAll(Binary("Class").BuiltIn, labelColumnName: "Class");
        var metrics = _mlContext.MulticlassClassification.Evaluate(pipeline.Fit(_data).Transform(_data), "Class");
        Assert.IsGreaterThan(0.7, metrics.MicroAccuracy);
    }

    [TestMethod]
    public void PairwiseCoupling_takes_the_trainer_itself()
    {
        var pipeline = _mlContext.MulticlassClassification.Trainers.PairwiseCoupling(Binary("Class"), labelColumnName: "Class");
        var metrics = _mlContext.MulticlassClassification.Evaluate(pipeline.Fit(_data).Transform(_data), "Class");
        Assert.IsGreaterThan(0.75, metrics.MicroAccuracy);
    }

    [TestMethod]
    public void PermutationFeatureImportance_takes_the_transformer_itself()
    {
        var regression = Regression().Fit(_data);
        var importances = _mlContext.Regression.PermutationFeatureImportance(regression, regression.Transform(_data), "Number")
            .Select(m => m.RSquared.Mean).ToArray();
        AssertOrder(importances);
        var binary = Binary().Fit(_data);
        AssertOrder([.. _mlContext.BinaryClassification.PermutationFeatureImportance(binary, binary.Transform(_data), "Truth")
            .Select(m => m.AreaUnderRocCurve.Mean)]);
        var multiclass = Multiclass().Fit(_data);
        AssertOrder([.. _mlContext.MulticlassClassification.PermutationFeatureImportance(multiclass, multiclass.Transform(_data), "Class")
            .Select(m => m.MicroAccuracy.Mean)]);

        // The first feature counts most, the fourth not at all.
        static void AssertOrder(double[] importances)
        {
            Assert.HasCount(4, importances);
            Assert.AreEqual(importances.Min(), importances[0]);
            Assert.AreEqual(0, importances[3], 0.02);
            Assert.IsLessThan(-0.1, importances[0]);
        }
    }

    [TestMethod]
    public void PermutationFeatureImportance_by_name_takes_a_chain_as_Fit_gives_it_and_as_it_is_loaded()
    {
        // The features need names for it, and further transformers may follow the trainer.
        var names = _mlContext.Transforms.Concatenate("Inputs", "Number", "Weight");
        var last = _mlContext.Transforms.CopyColumns("Copy", "Score");
        AssertOrder(
            names.Append(_mlContext.Regression.Trainers.TorchLinearRegression("Number", "Inputs", numberOfEpochs: 5)).Append(last),
            (model, data) => _mlContext.Regression.PermutationFeatureImportance(model, data, "Number")
                .ToDictionary(pair => pair.Key, pair => pair.Value.RSquared.Mean));
        AssertOrder(
            names.Append(_mlContext.BinaryClassification.Trainers.TorchLogisticRegression("Truth", "Inputs", numberOfEpochs: 5)),
            (model, data) => _mlContext.BinaryClassification.PermutationFeatureImportanceNonCalibrated(model, data, "Truth")
                .ToDictionary(pair => pair.Key, pair => pair.Value.AreaUnderRocCurve.Mean));
        AssertOrder(
            names.Append(_mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy("Class", "Inputs", numberOfEpochs: 5)),
            (model, data) => _mlContext.MulticlassClassification.PermutationFeatureImportance(model, data, "Class")
                .ToDictionary(pair => pair.Key, pair => pair.Value.MicroAccuracy.Mean));

        void AssertOrder(IEstimator<ITransformer> pipeline, Func<ITransformer, IDataView, Dictionary<string, double>> importances)
        {
            var model = pipeline.Fit(_data);
            using var file = new MemoryStream();
            _mlContext.Model.Save(model, _data.Schema, file);
            foreach (var chain in new[] { model, _mlContext.Model.Load(file, out _) })
            {
                var ofFeatures = importances(chain, chain.Transform(_data));
                CollectionAssert.AreEquivalent(new[] { "Number", "Weight" }, ofFeatures.Keys);
                Assert.IsLessThan(ofFeatures["Weight"], ofFeatures["Number"]);
            }
        }
    }

    [TestMethod]
    public void A_transformer_is_no_more_than_the_interfaces_that_it_has()
    {
        ITransformer model = Regression().Fit(_data);
        Assert.IsFalse(model is IDisposable);
        Assert.ThrowsExactly<InvalidCastException>(() => (IDisposable)model);
    }

    [TestMethod]
    public void CalculateFeatureContribution_takes_the_transformer_itself()
    {
        var model = Regression().Fit(_data);
        var scored = model.Transform(_data);
        var contributions = _mlContext.Transforms.CalculateFeatureContribution(model, normalize: false).Fit(scored).Transform(scored);
        foreach (var (row, point) in contributions.GetColumn<float[]>("FeatureContributions").Zip(TaskCase.Points(600)))
            for (var i = 0; i < 4; i++) Assert.AreEqual(model.Model.Weights[i] * point.Features[i], row[i], 1e-5);

        var binary = Binary().Fit(_data);
        var explained = binary.Transform(_data);
        var calibrated = _mlContext.Transforms.CalculateFeatureContribution(binary, normalize: false).Fit(explained).Transform(explained);
        Assert.AreEqual(binary.Model.SubModel.Weights[0] * TaskCase.Points(600).First().Features[0],
            calibrated.GetColumn<float[]>("FeatureContributions").First()[0], 1e-5);
    }

    [TestMethod]
    public void A_prediction_engine_predicts_one_row_at_a_time()
    {
        var model = Binary().Fit(_data);
        var engine = _mlContext.Model.CreatePredictionEngine<TaskRow, BinaryPrediction>(model, _data.Schema);
        var scored = model.Transform(_data).GetColumn<float>("Probability").ToArray();
        foreach (var (point, expected) in TaskCase.Points(20).Zip(scored))
        {
            var predicted = engine.Predict(point);
            Assert.AreEqual(expected, predicted.Probability);
            Assert.AreEqual(predicted.Score > 0, predicted.PredictedLabel);
            Assert.AreEqual(1 / (1 + Math.Exp(-predicted.Score)), predicted.Probability, 1e-6);
        }
    }

    [TestMethod]
    public void A_warm_start_takes_models_of_MLNETs_own()
    {
        // As its own trainers give them, and as our saved models come back.
        var regression = Regression().Fit(_data);
        LinearModelParameters bare = regression.BuiltIn.Model;
        var options = new TorchLinearRegressionTrainer.Options { LabelColumnName = "Number", NumberOfEpochs = 1, LearningRate = 1e-9 };
        var next = _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(_data, null, bare);
        for (var i = 0; i < 4; i++) Assert.AreEqual(bare.Weights[i], next.Model.Weights[i], 1e-5);

        LinearBinaryModelParameters binary = Binary().Fit(_data).Model.SubModel;
        var binaryOptions = new TorchLogisticRegressionTrainer.Options
        {
            LabelColumnName = "Truth",
            NumberOfEpochs = 1,
            LearningRate = 1e-9,
        };
        var nextBinary = _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(binaryOptions).Fit(_data, null, binary);
        for (var i = 0; i < 4; i++) Assert.AreEqual(binary.Weights[i], nextBinary.Model.SubModel.Weights[i], 1e-5);
    }

    [TestMethod]
    public void A_warm_start_from_a_model_of_another_shape_is_refused()
    {
        var narrow = _mlContext.Transforms.Concatenate("Features", "Number", "Weight").Fit(_data).Transform(_data);
        var other = _mlContext.Regression.Trainers.TorchLinearRegression("Number", numberOfEpochs: 1, learningRate: 1e-6).Fit(narrow);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Regression().Fit(_data, null, other.Model));
        Assert.AreEqual("The initial model must have as many features as the training rows (4). Received: 2", error.Message);
        Assert.ThrowsExactly<ArgumentNullException>(() => Regression().Fit(_data, null, null!));
    }

    private TorchLinearRegressionTrainer Regression() => _mlContext.Regression.Trainers.TorchLinearRegression("Number", learningRate: 0.05);

    private TorchLogisticRegressionTrainer Binary(string label = "Truth") =>
        _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(label, learningRate: 0.1);

    private TorchMaximumEntropyTrainer Multiclass() =>
        _mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy("Class", learningRate: 0.1);

    private sealed class BinaryPrediction
    {
        public float Score { get; set; }

        public float Probability { get; set; }

        public bool PredictedLabel { get; set; }
    }
}
