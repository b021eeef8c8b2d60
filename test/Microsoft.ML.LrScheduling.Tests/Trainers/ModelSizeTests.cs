using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Engines.Fused;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Models that an engine cannot hold are refused before training, in words of ours.</summary>
[TestClass]
public sealed class ModelSizeTests
{
    [TestMethod]
    // 2^29 weights are 2^31 bytes, one more than a span of bytes has.
    [DataRow(TrainingEngine.Torch, 1 << 29, 1u,
        "at most 536,870,911 numbers on the Torch engine. Received: 536,870,912 for 536,870,912 features × 1 score")]
    [DataRow(TrainingEngine.Torch, 1 << 28, 3u,
        "at most 536,870,911 numbers on the Torch engine. Received: 805,306,368 for 268,435,456 features × 3 classes")]
    [DataRow(TrainingEngine.Fused, 1 << 30, 3u,
        "at most 2,147,483,520 numbers on the fused engine. Received: 3,221,225,488 for 1,073,741,824 features × 3 classes")]
    [DataRow(TrainingEngine.Fused, int.MaxValue, 1u,
        "at most 2,147,483,520 numbers on the fused engine. Received: 2,147,483,648 for 2,147,483,647 features × 1 score")]
    [DataRow(TrainingEngine.Fused, 2, 2147483647u,
        "at most 2,147,483,520 numbers on the fused engine. Received: 4,294,967,312 for 2 features × 2,147,483,647 classes")]
    [DataRow(TrainingEngine.Torch, 2, 2147483647u,
        "at most 536,870,911 numbers on the Torch engine. Received: 4,294,967,294 for 2 features × 2,147,483,647 classes")]
    public void A_model_that_is_too_large_is_refused(TrainingEngine engine, int features, uint classes, string message)
    {
        var mlContext = new MLContext(seed: 1);
        var data = Rows(mlContext, features, classes);
        var thrown = Assert.ThrowsExactly<InvalidOperationException>(() => _ = classes == 1
            ? (ITransformer)mlContext.Regression.Trainers.TorchLinearRegression(
                new TorchLinearRegressionTrainer.Options { Engine = engine }).Fit(data)
            : mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(
                new TorchMaximumEntropyTrainer.Options { Engine = engine, LabelColumnName = "Class" }).Fit(data));
        StringAssert.Contains(thrown.Message, message);
        StringAssert.Contains(thrown.Message, "Use fewer features");
    }

    [TestMethod]
    [DataRow(int.MaxValue, int.MaxValue, 1)]
    [DataRow(1, int.MaxValue - 7, 1)]
    [DataRow(1, 1 << 28, 2)]
    [DataRow(int.MaxValue, int.MaxValue, 1000)]
    public void Sizes_that_overflow_are_sizes_that_are_too_large(int features, int classes, int models) =>
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(
                () => FusedEngine.CheckSize(features, isSparse: true, classes, models)).Message,
            $" for {features.ToString("N0", CultureInfo.InvariantCulture)} features");

    [TestMethod]
    public void Checkpoints_that_no_file_of_ours_can_hold_are_refused_before_training()
    {
        var folder = Directory.CreateTempSubdirectory("lrscheduling-size-");
        var mlContext = new MLContext(seed: 1);
        var trainer = mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            NumberOfEpochs = 1,
            Checkpoints = new() { Folder = folder.FullName },
        });
        // The weights of the engine and of the last epoch, 1 GB each.
        var thrown = Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(Rows(mlContext, 1 << 28, classes: 1)));
        StringAssert.StartsWith(thrown.Message, "A checkpoint must be of at most 2,080,374,783 bytes, and training has not begun.");
        StringAssert.EndsWith(thrown.Message, "bytes, of 268,435,456 weights");
        Assert.IsEmpty(folder.GetFileSystemInfos());
        folder.Delete();
    }

    [TestMethod]
    [DataRow(TrainingEngine.Fused)]
    [DataRow(TrainingEngine.Torch)]
    public void A_penalty_that_is_no_float_is_refused(TrainingEngine engine)
    {
        var options = new TorchLinearRegressionTrainer.Options { Engine = engine, L2Regularization = 1e39 };
        var thrown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new MLContext().Regression.Trainers.TorchLinearRegression(options));
        StringAssert.StartsWith(thrown.Message, "L2Regularization must be in [0, 3.4e38]. Received: 1E+39");
    }

    private static IDataView Rows(MLContext mlContext, int features, uint classes)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        schema[nameof(Row.Class)].ColumnType = new KeyDataViewType(typeof(uint), classes);
        return mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(i => new Row(features, i % 2)).ToArray(), schema);
    }

    private sealed class Row(int features, int number)
    {
        public float Label { get; set; } = number;

        public uint Class { get; set; } = (uint)number + 1;

        public VBuffer<float> Features { get; set; } = new(features, 2, [1, 2], [number, number + 5]);
    }
}
