using System.IO.Compression;
using System.Runtime.CompilerServices;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

[TestClass]
public sealed class ModelFileTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly BuiltInModels _models;

    public ModelFileTests() => _models = new(_ml);

    private sealed class Row
    {
        public float A { get; set; }
        public float B { get; set; }
        public string K { get; set; } = "";
        public bool Bin { get; set; }
        [VectorType(3)] public float[] Features { get; set; } = [];
    }

    private sealed class Score
    {
        [ColumnName("Score")] public float Value { get; set; }
    }

    private static readonly Row[] _rows =
    [
        new() { A = 1, B = 5, K = "x", Bin = true, Features = [1, 2, 3] },
        new() { A = 2, B = -5, K = "y", Features = [-1, 0, 0.5f] },
        new() { A = 4, B = 0, K = "z", Features = [7, 0, 0] },
    ];

    private IDataView Rows() => _ml.Data.LoadFromEnumerable(_rows);

    [TestMethod]
    public void A_regression_model_comes_back_as_it_was()
    {
        var rows = Rows();
        var saved = _models.RegressionTransformer(rows.Schema, new VBuffer<float>(3, 2, [2, -1], [0, 2]), 0.25f);

        var loaded = (RegressionPredictionTransformer<LinearRegressionModelParameters>)SaveAndLoad(saved, rows.Schema, out _);

        Assert.AreEqual("Features", loaded.FeatureColumnName);
        Assert.AreEqual(0.25f, loaded.Model.Bias);
        CollectionAssert.AreEqual(new float[] { 2, 0, -1 }, loaded.Model.Weights.ToArray());
        AreEqual<float>(saved.Transform(rows), loaded.Transform(rows), "Score");
    }

    [TestMethod]
    public void A_calibrated_binary_model_comes_back_as_it_was()
    {
        var rows = Rows();
        var saved = _models.BinaryTransformer(rows.Schema, _models.Calibrated(Dense(2, 0, -1), 0.25f));

        var loaded = (BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>)
            SaveAndLoad(saved, rows.Schema, out _);

        Assert.AreEqual((-1.0, 0.0), (loaded.Model.Calibrator.Slope, loaded.Model.Calibrator.Offset));
        AreEqual<float>(saved.Transform(rows), loaded.Transform(rows), "Probability");
    }

    [TestMethod]
    public void A_threshold_comes_back_with_its_model()
    {
        var rows = Rows();
        var transformer = _models.BinaryTransformer(rows.Schema, _models.Binary(Dense(1, 0, 0), 0));
        var saved = _ml.BinaryClassification.ChangeModelThreshold(transformer, 5);

        var loaded = SaveAndLoad(saved, rows.Schema, out _);

        CollectionAssert.AreEqual(new[] { false, false, true }, loaded.Transform(rows).GetColumn<bool>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void A_multiclass_model_comes_back_with_the_names_of_its_classes()
    {
        var rows = _ml.Transforms.Conversion.MapValueToKey("Label", "K").Fit(Rows()).Transform(Rows());
        VBuffer<float>[] weights = [Dense(1, 0, 0), new VBuffer<float>(3, 1, [1], [1]), Dense(0, 0, 1)];
        var saved = _models.MulticlassTransformer(rows.Schema, weights, [0, 1, 2]);

        var loaded = SaveAndLoad(saved, rows.Schema, out _);

        var scored = loaded.Transform(rows);
        Assert.AreEqual(saved.GetOutputSchema(rows.Schema)["PredictedLabel"].Type, scored.Schema["PredictedLabel"].Type);
        AreEqual<uint>(saved.Transform(rows), scored, "PredictedLabel");
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        scored.Schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "x", "y", "z" }, names.DenseValues().Select(name => name.ToString()).ToArray());
    }

    [TestMethod]
    public void The_schema_comes_back_with_types_and_annotations()
    {
        var rows = _ml.Transforms.Conversion.MapValueToKey("Label", "K").Append(_ml.Transforms.Concatenate("Both", "A", "B"))
            .Fit(Rows()).Transform(Rows());
        var saved = _models.RegressionTransformer(rows.Schema, Dense(1, 2, 3), 0);

        SaveAndLoad(saved, rows.Schema, out var schema);

        CollectionAssert.AreEqual(
            rows.Schema.Select(column => (column.Name, column.Type)).ToArray(),
            schema.Select(column => (column.Name, column.Type)).ToArray());
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        schema["Label"].GetKeyValues(ref names);
        CollectionAssert.AreEqual(new[] { "x", "y", "z" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        schema["Both"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "A", "B" }, names.DenseValues().Select(name => name.ToString()).ToArray());
    }

    [TestMethod]
    public void A_chain_comes_back_with_all_its_links()
    {
        var rows = Rows();
        var preparation = _ml.Transforms.Concatenate("Features", "A", "B").Append(_ml.Transforms.NormalizeMinMax("Features"))
            .Append(_ml.Transforms.Categorical.OneHotEncoding("K"))
            .Append(_ml.Transforms.Concatenate("Features", "Features", "K")).Fit(rows);
        var prepared = preparation.Transform(rows);
        var chain = preparation.Append(_models.RegressionTransformer(prepared.Schema, Dense(1, 2, 3, 4, 5), 0.5f));

        var loaded = SaveAndLoad(chain, rows.Schema, out _);

        Assert.IsInstanceOfType<TransformerChain<ITransformer>>(loaded);
        AreEqual<float>(chain.Transform(rows), loaded.Transform(rows), "Score");
    }

    /// <summary>A transformer of another assembly that has itself saved as the built-in one it wraps, with a text of its own beside it.</summary>
    private sealed class Wrapper(ITransformer inner) : ITransformer
    {
        public bool IsRowToRowMapper => true;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => inner.GetRowToRowMapper(inputSchema);

        public IDataView Transform(IDataView input) => inner.Transform(input);

        public void Save(ModelSaveContext ctx)
        {
            inner.Save(ctx);
            SaveTextStream(ctx, "Notes.txt", writer => writer.Write("one line"));
        }

        [UnsafeAccessor(UnsafeAccessorKind.Method)]
        private static extern void SaveTextStream(ModelSaveContext ctx, string name, Action<TextWriter> action);
    }

    [TestMethod]
    public void A_foreign_transformer_comes_back_as_the_built_in_one_that_it_wraps()
    {
        var rows = Rows();
        var bytes = Save(new Wrapper(_models.RegressionTransformer(rows.Schema, Dense(1, 2, 3), 0)), rows.Schema);

        var loaded = _ml.Model.Load(new MemoryStream(bytes), out _);

        Assert.IsInstanceOfType<RegressionPredictionTransformer<LinearRegressionModelParameters>>(loaded);
        using var zip = new ZipArchive(new MemoryStream(bytes));
        var notes = zip.Entries.Single(entry => entry.Name == "Notes.txt" || entry.FullName.EndsWith("\\Notes.txt"));
        Assert.AreEqual("one line", new StreamReader(notes.Open()).ReadToEnd());
    }

    [TestMethod]
    public void A_model_saved_with_a_text_loader_brings_it_back()
    {
        var loader = _ml.Data.CreateTextLoader([new("A", DataKind.Single, 0), new("Features", DataKind.Single, 1, 3)], separatorChar: ',');
        var model = _models.RegressionTransformer(loader.GetOutputSchema(), Dense(1, 2, 3), 0);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, loader, stream);

        var loaded = _ml.Model.LoadWithDataLoader(stream, out var loadedLoader);

        Assert.IsInstanceOfType<RegressionPredictionTransformer<LinearRegressionModelParameters>>(loaded);
        CollectionAssert.AreEqual(
            loader.GetOutputSchema().Select(column => (column.Name, column.Type)).ToArray(),
            loadedLoader.GetOutputSchema().Select(column => (column.Name, column.Type)).ToArray());
    }

    [TestMethod]
    public void A_loaded_model_predicts_row_by_row()
    {
        var rows = Rows();
        var saved = _models.RegressionTransformer(rows.Schema, Dense(1, 10, 100), 0.5f);
        var loaded = SaveAndLoad(saved, rows.Schema, out var schema);

        var engine = _ml.Model.CreatePredictionEngine<Row, Score>(loaded, schema);

        Assert.AreEqual(321.5f, engine.Predict(_rows[0]).Value);
        Assert.AreEqual(49.5f, engine.Predict(_rows[1]).Value);
    }

    [TestMethod]
    public void A_model_is_saved_to_a_path_and_loaded_from_it()
    {
        var rows = Rows();
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".zip");
        try
        {
            _ml.Model.Save(_models.RegressionTransformer(rows.Schema, Dense(1, 2, 3), 0), rows.Schema, path);
            Assert.IsInstanceOfType<RegressionPredictionTransformer<LinearRegressionModelParameters>>(_ml.Model.Load(path, out _));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void A_model_saved_without_a_schema_comes_back_without_one()
    {
        var rows = Rows();

        SaveAndLoad(_models.RegressionTransformer(rows.Schema, Dense(1, 2, 3), 0), null, out var schema);

        Assert.IsNull(schema);
    }

    [TestMethod]
    public void What_is_no_zip_is_refused() =>
        Assert.ThrowsExactly<FormatException>(() => _ml.Model.Load(new MemoryStream(new byte[100]), out _));

    [TestMethod]
    public void A_zip_without_a_model_is_refused()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true)) zip.CreateEntry("readme.txt");

        var thrown = Assert.Throws<Exception>(() => _ml.Model.Load(stream, out _));

        Assert.IsNotInstanceOfType<NullReferenceException>(thrown);
    }

    [TestMethod]
    public void Every_entry_cut_short_is_refused()
    {
        var rows = _ml.Transforms.Conversion.MapValueToKey("Label", "K").Fit(Rows()).Transform(Rows());
        VBuffer<float>[] weights = [Dense(1, 0, 0), Dense(0, 1, 0), Dense(0, 0, 1)];
        var binary = new ScriptedTrainer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>(
            _ml, _ => _models.Calibrated(Dense(1, 0, 0), 0));
        ITransformer[] models =
        [
            _models.MulticlassTransformer(rows.Schema, weights, [0, 0, 0]),
            _ml.MulticlassClassification.Trainers.OneVersusAll(binary).Fit(rows),
            _ml.MulticlassClassification.Trainers.PairwiseCoupling(binary).Fit(rows),
            _ml.Transforms.CalculateFeatureContribution(_models.RegressionTransformer(rows.Schema, Dense(1, 0, 0), 0)).Fit(rows),
        ];
        foreach (var bytes in models.Select(model => Save(model, rows.Schema)))
            // Texts are there for people: no loader reads them.
            foreach (var name in EntriesOf(bytes).Where(name => !name.Contains("TrainingInfo") && !name.EndsWith(".txt")))
                Assert.Throws<Exception>(() => _ml.Model.Load(new MemoryStream(CutShort(bytes, name)), out _), name);
    }

    private static VBuffer<float> Dense(params float[] weights) => new(weights.Length, weights);

    private ITransformer SaveAndLoad(ITransformer model, DataViewSchema? inputSchema, out DataViewSchema schema) =>
        new MLContext().Model.Load(new MemoryStream(Save(model, inputSchema)), out schema);

    private byte[] Save(ITransformer model, DataViewSchema? inputSchema)
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(model, inputSchema, stream);
        return stream.ToArray();
    }

    private static string[] EntriesOf(byte[] archive)
    {
        using var zip = new ZipArchive(new MemoryStream(archive));
        return [.. zip.Entries.Select(entry => entry.FullName)];
    }

    private static byte[] CutShort(byte[] archive, string name)
    {
        using var stream = new MemoryStream();
        stream.Write(archive);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            using var entry = zip.GetEntry(name)!.Open();
            entry.SetLength(entry.Length / 2);
        }
        return stream.ToArray();
    }

    private static void AreEqual<T>(IDataView expected, IDataView actual, string column) =>
        CollectionAssert.AreEqual(expected.GetColumn<T>(column).ToArray(), actual.GetColumn<T>(column).ToArray());
}
