using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>What is taken and what is given out, before training and after it, of all three tasks.</summary>
[TestClass]
public sealed class TrainerSchemaTests
{
    private const string LooseMessage = "Schema mismatch for feature column 'Loose': expected Vector<Single>, got VarVector<Single>";

    private readonly MLContext _mlContext = new(seed: 1);

    public static IEnumerable<object[]> Tasks => TaskCase.All;

    [TestMethod]
    [DataRow("Regression", "Truth", "Features", "Schema mismatch for label column 'Truth': expected Single, got Boolean")]
    [DataRow("Regression", "Key", "Features", "Schema mismatch for label column 'Key': expected Single, got Key<UInt32>")]
    [DataRow("Regression", "Wide", "Features", "Schema mismatch for label column 'Wide': expected Single, got Double")]
    [DataRow("Binary", "Number", "Features", "Schema mismatch for label column 'Number': expected Boolean, got Single")]
    [DataRow("Binary", "Key", "Features", "Schema mismatch for label column 'Key': expected Boolean, got Key<UInt32>")]
    [DataRow("Binary", "None", "Features", "Could not find label column 'None'")]
    [DataRow("Multiclass", "Number", "Features", "Schema mismatch for label column 'Number': expected Key<UInt32>, got Single")]
    [DataRow("Multiclass", "Text", "Features", "Schema mismatch for label column 'Text': expected Key<UInt32>, got String")]
    [DataRow("Multiclass", "Small", "Features", "Schema mismatch for label column 'Small': expected Key<UInt32>, got Key<Byte>")]
    [DataRow("Multiclass", "None", "Features", "Could not find label column 'None'")]
    [DataRow("Regression", "Number", "Loose", LooseMessage)]
    [DataRow("Binary", "Truth", "Loose", LooseMessage)]
    [DataRow("Multiclass", "Key", "Loose", LooseMessage)]
    [DataRow("Binary", "Truth", "Doubles", "Schema mismatch for feature column 'Doubles': expected Vector<Single>, got Vector<Double>. Put "
        + "mlContext.Transforms.Conversion.ConvertType(\"Doubles\", outputKind: DataKind.Single) before the trainer.")]
    [DataRow("Regression", "Number", "Wide", "Schema mismatch for feature column 'Wide': expected Vector<Single>, got Double. Put "
        + "mlContext.Transforms.Conversion.ConvertType(\"Wide\", outputKind: DataKind.Single) and "
        + "mlContext.Transforms.Concatenate(\"Features\", \"Wide\") before the trainer.")]
    public void A_column_that_a_task_does_not_take_is_named_before_and_in_Fit(string task, string label, string features, string message)
    {
        var rows = 0;
        var data = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(_ =>
        {
            rows++;
            return new Row { Loose = [1, 2] };
        }));
        IEstimator<ITransformer> trainer = task switch
        {
            "Regression" => _mlContext.Regression.Trainers.TorchLinearRegression(label, features),
            "Binary" => _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(label, features),
            _ => _mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(label, features),
        };
        var shape = MLNetInternals.ShapeOf(data.Schema);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.GetOutputSchema(shape)).Message, message);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(data)).Message, message);
        // A chain tells it before its first estimator reads a row.
        var chain = _mlContext.Transforms.NormalizeMeanVariance("Features").Append(trainer);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(data)).Message, message);
        Assert.AreEqual(0, rows);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_schema_of_the_transformer_is_that_of_what_it_gives_also_after_loading(TaskCase task)
    {
        var data = TaskCase.Rows(_mlContext, 60);
        var model = task.Trainer(_mlContext, options => options.NumberOfEpochs = 1).Fit(data);
        var expected = Describe(model.Transform(data).Schema);
        Assert.HasCount(data.Schema.Count + (task.Label switch { "Number" => 1, "Truth" => 3, _ => 2 }), expected);
        CollectionAssert.AreEqual(expected, Describe(model.GetOutputSchema(data.Schema)));
        Assert.IsTrue(model.IsRowToRowMapper);
        CollectionAssert.AreEqual(expected, Describe(model.GetRowToRowMapper(data.Schema).OutputSchema));

        using var file = new MemoryStream();
        _mlContext.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext(seed: 2).Model.Load(file, out var inputSchema);
        CollectionAssert.AreEqual(Describe(data.Schema), Describe(inputSchema));
        CollectionAssert.AreEqual(expected, Describe(loaded.GetOutputSchema(data.Schema)));
    }

    private static string[] Describe(DataViewSchema schema) => [.. schema.Select(column =>
    {
        var annotations = column.Annotations.Schema.Select(annotation => $"{annotation.Name} {annotation.Type}");
        return $"{column.Name} {column.Type} [{string.Join(", ", annotations)}] {Names(column)}";
    })];

    private static string Names(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        if (column.HasSlotNames()) column.GetSlotNames(ref names);
        return string.Join(' ', names.DenseValues());
    }

    private sealed class Row
    {
        public float Number { get; set; }

        public double Wide { get; set; }

        public bool Truth { get; set; }

        public string Text { get; set; } = "";

        [KeyType(3)]
        public uint Key { get; set; }

        [KeyType(3)]
        public byte Small { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [1, 2];

        [VectorType(2)]
        public double[] Doubles { get; set; } = [1, 2];

        public float[] Loose { get; set; } = [];
    }
}
