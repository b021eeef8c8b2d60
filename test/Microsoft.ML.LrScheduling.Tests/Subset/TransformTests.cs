using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

[TestClass]
public sealed class TransformTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class Diamond
    {
        public float Carat { get; set; }
        public string Cut { get; set; } = "";
        [VectorType(2)] public float[] Size { get; set; } = [];
        public int Grade { get; set; }
        public bool IsLarge { get; set; }
    }

    private IDataView Diamonds => _ml.Data.LoadFromEnumerable(
    [
        new Diamond { Carat = 0.5f, Cut = "Good", Size = [1, 2], Grade = 7 },
        new Diamond { Carat = 1, Cut = "Fair", Size = [3, 4], Grade = 5, IsLarge = true },
        new Diamond { Carat = 2, Cut = "Good", Size = [5, 6], Grade = 7, IsLarge = true },
    ]);

    [TestMethod]
    public void Concatenation_puts_columns_in_order_and_names_their_slots()
    {
        var pipeline = _ml.Transforms.Categorical.OneHotEncoding("Cut").Append(_ml.Transforms.Concatenate("Features", "Carat", "Cut",
            "Size"));

        var data = pipeline.Fit(Diamonds).Transform(Diamonds);

        CollectionAssert.AreEqual(
            new[] { 0.5f, 1, 0, 1, 2, 1, 0, 1, 3, 4, 2, 1, 0, 5, 6 },
            data.GetColumn<float[]>("Features").SelectMany(row => row).ToArray());
        CollectionAssert.AreEqual(new[] { "Carat", "Cut.Good", "Cut.Fair", "", "" }, SlotNames(data.Schema["Features"]));
        VBuffer<int> ranges = default;
        data.Schema["Features"].Annotations.GetValue("CategoricalSlotRanges", ref ranges);
        CollectionAssert.AreEqual(new[] { 1, 2 }, ranges.DenseValues().ToArray());
        Assert.IsFalse(data.Schema["Features"].IsNormalized());
    }

    [TestMethod]
    public void A_concatenation_of_mostly_zeros_is_sparse()
    {
        var pipeline = _ml.Transforms.Categorical.OneHotEncoding("A", "Cut").Append(_ml.Transforms.Categorical.OneHotEncoding("B", "Cut"))
            .Append(_ml.Transforms.Categorical.OneHotEncoding("C", "Grade")).Append(_ml.Transforms.Concatenate("Features", "A", "B", "C"));

        var data = pipeline.Fit(Diamonds).Transform(Diamonds);

        using var cursor = data.GetRowCursor([data.Schema["Features"]]);
        Assert.IsTrue(cursor.MoveNext());
        VBuffer<float> features = default;
        cursor.GetGetter<VBuffer<float>>(data.Schema["Features"])(ref features);
        Assert.IsFalse(features.IsDense);
        CollectionAssert.AreEqual(new[] { 0, 2, 4 }, features.GetIndices().ToArray());
        Assert.IsTrue(data.Schema["Features"].IsNormalized());
    }

    [TestMethod]
    public void Concatenation_refuses_columns_of_another_type_and_missing_ones()
    {
        var mistyped = _ml.Transforms.Concatenate("Features", "Carat", "Grade");
        var missing = _ml.Transforms.Concatenate("Features", "Carat", "Nope");

        var mismatch = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => mistyped.Fit(Diamonds).Transform(Diamonds));
        var absence = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => missing.Fit(Diamonds).Transform(Diamonds));
        StringAssert.Contains(mismatch.Message, "Schema mismatch for input column 'Grade': expected Single, got Int32");
        StringAssert.Contains(absence.Message, "Could not find input column 'Nope'");
    }

    [TestMethod]
    public void A_pipeline_says_what_is_wrong_before_it_is_fitted()
    {
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Cut").Append(_ml.Transforms.NormalizeMinMax("Grade"));

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(Diamonds));

        StringAssert.Contains(error.Message, "Schema mismatch for input column 'Grade'");
    }

    [TestMethod]
    public void Several_columns_are_normalised_at_once()
    {
        var normalizer = _ml.Transforms.NormalizeMinMax([new InputOutputColumnPair("A", "Carat"), new InputOutputColumnPair("B", "Size")],
            fixZero: false);

        var transformer = normalizer.Fit(Diamonds);

        var data = transformer.Transform(Diamonds);
        CollectionAssert.AreEqual(new[] { 0f, 1 / 3f, 1 }, data.GetColumn<float>("A").ToArray());
        CollectionAssert.AreEqual(new[] { 0, 0, 0.5f, 0.5f, 1, 1 }, data.GetColumn<float[]>("B").SelectMany(row => row).ToArray());
        var parameters = (NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>>)transformer.GetNormalizerModelParameters(1);
        CollectionAssert.AreEqual(new[] { 0.25f, 0.25f }, parameters.Scale.ToArray());
        CollectionAssert.AreEqual(new[] { 1f, 2f }, parameters.Offset.ToArray());
    }

    [TestMethod]
    public void Only_the_first_examples_count_where_their_number_is_limited()
    {
        var data = _ml.Transforms.NormalizeMinMax("Carat", maximumExampleCount: 2).Fit(Diamonds).Transform(Diamonds);

        CollectionAssert.AreEqual(new[] { 0.5f, 1, 2 }, data.GetColumn<float>("Carat").ToArray());
    }

    [TestMethod]
    public void Keys_may_stand_for_numbers_and_truth_values()
    {
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("G", "Grade",
            keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(_ml.Transforms.Conversion.MapValueToKey("L", "IsLarge")).Append(_ml.Transforms.Conversion.MapKeyToValue("Back", "G"));

        var data = pipeline.Fit(Diamonds).Transform(Diamonds);

        CollectionAssert.AreEqual(new uint[] { 2, 1, 2 }, data.GetColumn<uint>("G").ToArray());
        CollectionAssert.AreEqual(new uint[] { 1, 2, 2 }, data.GetColumn<uint>("L").ToArray());
        CollectionAssert.AreEqual(new[] { 7, 5, 7 }, data.GetColumn<int>("Back").ToArray());
        VBuffer<int> values = default;
        data.Schema["G"].GetKeyValues(ref values);
        CollectionAssert.AreEqual(new[] { 5, 7 }, values.DenseValues().ToArray());
    }

    [TestMethod]
    public void One_hot_encoding_takes_keys_and_keeps_what_they_stand_for()
    {
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Key", "Cut").Append(_ml.Transforms.Categorical.OneHotEncoding("Key"));

        var data = pipeline.Fit(Diamonds).Transform(Diamonds);

        CollectionAssert.AreEqual(new[] { "Good", "Fair" }, SlotNames(data.Schema["Key"]));
        CollectionAssert.AreEqual(new[] { 1f, 0, 0, 1, 1, 0 }, data.GetColumn<float[]>("Key").SelectMany(row => row).ToArray());
    }

    [TestMethod]
    public void Keys_can_be_given_and_limited()
    {
        var given = _ml.Data.LoadFromEnumerable([new { Term = "Fair" }, new { Term = "Ideal" }]);

        var mapped = _ml.Transforms.Conversion.MapValueToKey("Cut", keyData: given).Fit(Diamonds).Transform(Diamonds);
        var limited = _ml.Transforms.Conversion.MapValueToKey("Cut", maximumNumberOfKeys: 1).Fit(Diamonds).Transform(Diamonds);

        CollectionAssert.AreEqual(new uint[] { 0, 1, 0 }, mapped.GetColumn<uint>("Cut").ToArray());
        CollectionAssert.AreEqual(new uint[] { 1, 0, 1 }, limited.GetColumn<uint>("Cut").ToArray());
    }

    [TestMethod]
    public void Columns_are_copied_dropped_and_selected()
    {
        var copied = _ml.Transforms.CopyColumns("Label", "Carat").Fit(Diamonds).Transform(Diamonds);
        var dropped = _ml.Transforms.DropColumns("Size", "Grade").Fit(Diamonds).Transform(Diamonds);
        var selected = _ml.Transforms.SelectColumns("Grade", "Carat").Fit(Diamonds).Transform(Diamonds);

        CollectionAssert.AreEqual(new[] { 0.5f, 1, 2 }, copied.GetColumn<float>("Label").ToArray());
        CollectionAssert.AreEqual(new[] { "Carat", "Cut", "IsLarge" }, dropped.Schema.Select(column => column.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "Grade", "Carat" }, selected.Schema.Select(column => column.Name).ToArray());
        CollectionAssert.AreEqual(new[] { 7, 5, 7 }, selected.GetColumn<int>("Grade").ToArray());
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.DropColumns("Nope").Fit(Diamonds));
        StringAssert.Contains(error.Message, "Could not find input column 'Nope'");
    }

    [TestMethod]
    public void Numbers_and_truth_values_become_reals()
    {
        var pipeline = _ml.Transforms.Conversion.ConvertType([new InputOutputColumnPair("G", "Grade"),
            new InputOutputColumnPair("L", "IsLarge")]);

        var data = pipeline.Fit(Diamonds).Transform(Diamonds);

        CollectionAssert.AreEqual(new[] { 7f, 5, 7 }, data.GetColumn<float>("G").ToArray());
        CollectionAssert.AreEqual(new[] { 0f, 1, 1 }, data.GetColumn<float>("L").ToArray());
    }

    [TestMethod]
    public void Every_transformer_survives_its_file()
    {
        var pipeline = _ml.Transforms.Categorical.OneHotEncoding("Cut")
            .Append(_ml.Transforms.Conversion.MapValueToKey("Key", "Grade")).Append(_ml.Transforms.Conversion.MapKeyToValue("Back", "Key"))
            .Append(_ml.Transforms.Conversion.ConvertType("Real", "Grade")).Append(_ml.Transforms.CopyColumns("Copy", "Carat"))
            .Append(_ml.Transforms.Concatenate("Features", "Carat", "Cut", "Size", "Real"))
            .Append(_ml.Transforms.NormalizeMeanVariance("Features", fixZero: false)).Append(_ml.Transforms.NormalizeMinMax("Copy"))
            .Append(_ml.Transforms.DropColumns("Size"));
        var transformer = pipeline.Fit(Diamonds);

        using var file = new MemoryStream();
        _ml.Model.Save(transformer, Diamonds.Schema, file);
        file.Position = 0;
        var loaded = _ml.Model.Load(file, out var schema);

        var (before, after) = (transformer.Transform(Diamonds), loaded.Transform(Diamonds));
        CollectionAssert.AreEqual(Diamonds.Schema.Select(column => column.Name).ToArray(), schema.Select(column => column.Name).ToArray());
        CollectionAssert.AreEqual(Describe(before.Schema), Describe(after.Schema));
        CollectionAssert.AreEqual(SlotNames(before.Schema["Features"]), SlotNames(after.Schema["Features"]));
        CollectionAssert.AreEqual(before.GetColumn<float[]>("Features").SelectMany(x => x).ToArray(),
            after.GetColumn<float[]>("Features").SelectMany(x => x).ToArray());
        CollectionAssert.AreEqual(before.GetColumn<float>("Copy").ToArray(), after.GetColumn<float>("Copy").ToArray());
        CollectionAssert.AreEqual(before.GetColumn<int>("Back").ToArray(), after.GetColumn<int>("Back").ToArray());
    }

    private static string[] Describe(DataViewSchema schema) =>
        [.. schema.Where(column => !column.IsHidden).Select(column => $"{column.Name}: {column.Type} ({column.Annotations})")];

    private static string[] SlotNames(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }
}
