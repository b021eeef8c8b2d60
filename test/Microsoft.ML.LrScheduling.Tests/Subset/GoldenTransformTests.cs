using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

[TestClass]
public sealed class GoldenTransformTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class VectorRow
    {
        [VectorType(4)] public float[] X { get; set; } = [];
    }

    private sealed class ScalarRow
    {
        public float X { get; set; }
    }

    private sealed class TextRow
    {
        public string X { get; set; } = "";
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Min_max_normaliser_gives_ML_NETs_floats(bool fixZero) =>
        AreGolden($"NormalizeMinMax(fixZero: {(fixZero ? "true" : "false")})", _ml.Transforms.NormalizeMinMax("Y", "X", fixZero: fixZero));

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Mean_variance_normaliser_gives_ML_NETs_floats(bool fixZero) =>
        AreGolden($"NormalizeMeanVariance(fixZero: {(fixZero ? "true" : "false")})",
            _ml.Transforms.NormalizeMeanVariance("Y", "X", fixZero: fixZero));

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Normalising_scalars_gives_what_normalising_their_vector_gives(bool fixZero)
    {
        var expected = GoldenFile.Section("normalisers", $"NormalizeMeanVariance(fixZero: {(fixZero ? "true" : "false")})");
        foreach (var slot in new[] { 0, 1, 2, 3 })
        {
            var data = _ml.Data.LoadFromEnumerable(Vectors().Select(row => new ScalarRow { X = row.X[slot] }));

            var normalised = _ml.Transforms.NormalizeMeanVariance("X", fixZero: fixZero).Fit(data).Transform(data);

            CollectionAssert.AreEqual(expected.EnumerateArray().Select(row => row[slot].Single()).ToArray(),
                normalised.GetColumn<float>("X").ToArray());
        }
    }

    [TestMethod]
    public void One_hot_encoding_has_a_slot_for_each_category_seen_in_order()
    {
        var transformer = _ml.Transforms.Categorical.OneHotEncoding("Y", "X").Fit(Texts("input"));

        var encoded = transformer.Transform(Texts("test"));

        CollectionAssert.AreEqual(Rows("categories", "OneHotEncoding(test)"), Flat(encoded.GetColumn<float[]>("Y")));
        Assert.AreEqual(Categories("OneHotEncoding.Type").GetString(), encoded.Schema["Y"].Type.ToString());
        VBuffer<ReadOnlyMemory<char>> names = default;
        encoded.Schema["Y"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(Strings("OneHotEncoding.SlotNames"), names.DenseValues().Select(name => name.ToString()).ToArray());
        Assert.IsTrue(encoded.Schema["Y"].IsNormalized());
    }

    [TestMethod]
    [DataRow(KeyOrdinality.ByOccurrence)]
    [DataRow(KeyOrdinality.ByValue)]
    public void Values_become_keys_and_keys_values(KeyOrdinality ordinality)
    {
        var transformer = _ml.Transforms.Conversion.MapValueToKey("Y", "X", keyOrdinality: ordinality)
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Z", "Y")).Fit(Texts("input"));

        var (seen, test) = (transformer.Transform(Texts("input")), transformer.Transform(Texts("test")));

        Assert.AreEqual(Categories($"MapValueToKey({ordinality}).Type").GetString(), seen.Schema["Y"].Type.ToString());
        CollectionAssert.AreEqual(Keys($"MapValueToKey({ordinality})"), seen.GetColumn<uint>("Y").ToArray());
        CollectionAssert.AreEqual(Keys($"MapValueToKey({ordinality}, test)"), test.GetColumn<uint>("Y").ToArray());
        CollectionAssert.AreEqual(Strings($"MapKeyToValue({ordinality}, test)"), test.GetColumn<string>("Z").ToArray());
    }

    [TestMethod]
    public void Reals_become_keys_and_NaN_the_missing_one()
    {
        var data = _ml.Data.LoadFromEnumerable(Categories("MapValueToKey floats input").Singles().Select(x => new ScalarRow { X = x }));

        var mapped = _ml.Transforms.Conversion.MapValueToKey("Y", "X").Fit(data).Transform(data);

        CollectionAssert.AreEqual(Keys("MapValueToKey floats"), mapped.GetColumn<uint>("Y").ToArray());
    }

    private void AreGolden(string name, NormalizingEstimator normalizer)
    {
        var data = _ml.Data.LoadFromEnumerable(Vectors());

        var normalised = normalizer.Fit(data).Transform(data);

        CollectionAssert.AreEqual(Rows("normalisers", name), Flat(normalised.GetColumn<float[]>("Y")));
        Assert.IsTrue(normalised.Schema["Y"].IsNormalized());
    }

    private static List<VectorRow> Vectors() =>
        [.. GoldenFile.Section("normalisers", "input").EnumerateArray().Select(row => new VectorRow { X = row.Singles() })];

    private IDataView Texts(string name) => _ml.Data.LoadFromEnumerable(Strings(name).Select(text => new TextRow { X = text }));

    private static float[] Rows(string section, string name) =>
        [.. GoldenFile.Section(section, name).EnumerateArray().SelectMany(row => row.Singles())];

    private static float[] Flat(IEnumerable<float[]> rows) => [.. rows.SelectMany(row => row)];

    private static JsonElement Categories(string name) => GoldenFile.Section("categories", name);

    private static string[] Strings(string name) => [.. Categories(name).EnumerateArray().Select(item => item.GetString()!)];

    private static uint[] Keys(string name) => [.. Categories(name).EnumerateArray().Select(item => item.GetUInt32())];
}
