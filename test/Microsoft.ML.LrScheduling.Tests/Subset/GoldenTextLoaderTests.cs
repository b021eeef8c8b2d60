using System.Text.Json;
using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

[TestClass]
public sealed class GoldenTextLoaderTests
{
    private const string Section = "text loader (Label: column 0, Name: 1, Ab: vector 2..3)";

    private readonly MLContext _ml = new(seed: 1);

    private sealed class Row
    {
        [LoadColumn(0)] public float Label { get; set; }
        [LoadColumn(1)] public string Name { get; set; } = "";
        [LoadColumn(2, 3), VectorType(2)] public float[] Ab { get; set; } = [];
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(true, true)]
    public void Columns_of_a_class_are_ML_NETs(bool allowQuoting, bool trimWhitespace)
    {
        using var file = new TextFile(Lines());

        var data = _ml.Data.LoadFromTextFile<Row>(file.Path, ',', hasHeader: true, allowQuoting, trimWhitespace);

        AreGolden(data, allowQuoting, trimWhitespace);
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(true, true)]
    public void Columns_given_one_by_one_are_ML_NETs(bool allowQuoting, bool trimWhitespace)
    {
        using var file = new TextFile(Lines());
        TextLoader.Column[] columns = [new("Label", DataKind.Single, 0), new("Name", DataKind.String, 1), new("Ab", DataKind.Single, 2, 3)];

        var data = _ml.Data.LoadFromTextFile(file.Path, columns, ',', hasHeader: true, allowQuoting, trimWhitespace);

        AreGolden(data, allowQuoting, trimWhitespace);
    }

    [TestMethod]
    public void Header_names_the_slots_of_vectors()
    {
        using var file = new TextFile(Lines());

        var data = _ml.Data.LoadFromTextFile(file.Path, new TextLoader.Options
        {
            Columns = [new("Label", DataKind.Single, 0), new("Ab", DataKind.Single, 2, 3)],
            Separators = [','],
            HasHeader = true,
        });

        VBuffer<ReadOnlyMemory<char>> names = default;
        data.Schema["Ab"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "A", "B" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        Assert.AreEqual("Vector<Single, 2>", data.Schema["Ab"].Type.ToString());
    }

    private static string[] Lines() => [.. GoldenFile.Section(Section, "lines").EnumerateArray().Select(line => line.GetString()!)];

    private static void AreGolden(IDataView data, bool allowQuoting, bool trimWhitespace)
    {
        var name = $"allowQuoting: {(allowQuoting ? "true" : "false")}, trimWhitespace: {(trimWhitespace ? "true" : "false")}";
        JsonElement[] expected = [.. GoldenFile.Section(Section, name).EnumerateArray()];

        CollectionAssert.AreEqual(expected.Select(row => row.GetProperty("Label").Single()).ToArray(),
            data.GetColumn<float>("Label").ToArray());
        CollectionAssert.AreEqual(expected.Select(row => row.GetProperty("Name").GetString()).ToArray(),
            data.GetColumn<string>("Name").ToArray());
        CollectionAssert.AreEqual(
            expected.SelectMany(row => row.GetProperty("Ab").Singles()).ToArray(),
            data.GetColumn<float[]>("Ab").SelectMany(row => row).ToArray());
    }
}
