using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

[TestClass]
public sealed class TextLoaderTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class NoPlace
    {
        public float X { get; set; }
    }

    [TestMethod]
    [DataRow("1", 1f)]
    [DataRow("-0.25", -0.25f)]
    [DataRow("+3", 3f)]
    [DataRow("1e-3", 0.001f)]
    [DataRow("123456789.123456789", 123456789.123456789f)]
    [DataRow("0.000000000000000000000123", 1.23e-22f)]
    [DataRow("1e60", float.PositiveInfinity)]
    [DataRow("Infinity", float.PositiveInfinity)]
    [DataRow("?", float.NaN)]
    [DataRow("NaN", float.NaN)]
    [DataRow("na", float.NaN)]
    [DataRow("N/A", float.NaN)]
    [DataRow("1,5", float.NaN)]
    [DataRow("1.2.3", float.NaN)]
    [DataRow("abc", float.NaN)]
    [DataRow("-", float.NaN)]
    public void Reals_are_read_as_everywhere_and_what_is_none_is_missing(string field, float expected)
    {
        using var file = new TextFile($"{field}\tx");

        var data = _ml.Data.LoadFromTextFile(file.Path, [new TextLoader.Column("X", DataKind.Single, 0)]);

        Assert.AreEqual(expected, data.GetColumn<float>("X").Single());
    }

    [TestMethod]
    public void Decimal_marker_may_be_a_comma()
    {
        using var file = new TextFile("1,5;-2,25e1;1.5");

        var data = _ml.Data.LoadFromTextFile(file.Path, new TextLoader.Options
        {
            Columns = [new TextLoader.Column("X", DataKind.Single, 0, 2)],
            Separators = [';'],
            DecimalMarker = ',',
        });

        CollectionAssert.AreEqual(new[] { 1.5f, -22.5f, float.NaN }, data.GetColumn<float[]>("X").Single());
    }

    [TestMethod]
    public void Empty_reals_are_zero_unless_they_are_to_be_missing()
    {
        using var file = new TextFile("1,,3", "4");
        TextLoader.Options Options(bool missing) => new()
        {
            Columns = [new TextLoader.Column("X", DataKind.Single, 0, 2)],
            Separators = [','],
            MissingRealsAsNaNs = missing,
        };

        var zeros = _ml.Data.LoadFromTextFile(file.Path, Options(false)).GetColumn<float[]>("X").SelectMany(row => row);
        var missing = _ml.Data.LoadFromTextFile(file.Path, Options(true)).GetColumn<float[]>("X").SelectMany(row => row);

        CollectionAssert.AreEqual(new[] { 1f, 0, 3, 4, 0, 0 }, zeros.ToArray());
        CollectionAssert.AreEqual(new[] { 1f, float.NaN, 3, 4, float.NaN, float.NaN }, missing.ToArray());
    }

    [TestMethod]
    public void Every_kind_is_read()
    {
        using var file = new TextFile("-7\t7\tyes\ttext\t2\t1.5");
        TextLoader.Column[] columns =
        [
            new("Int", DataKind.Int32, 0), new("Byte", DataKind.Byte, 1), new("Bool", DataKind.Boolean, 2), new("Text", DataKind.String, 3),
            new("Key", DataKind.UInt32, [new TextLoader.Range(4)], new KeyCount(5)), new("Double", DataKind.Double, 5),
        ];

        var data = _ml.Data.LoadFromTextFile(file.Path, columns);

        Assert.AreEqual(-7, data.GetColumn<int>("Int").Single());
        Assert.AreEqual((byte)7, data.GetColumn<byte>("Byte").Single());
        Assert.IsTrue(data.GetColumn<bool>("Bool").Single());
        Assert.AreEqual("text", data.GetColumn<string>("Text").Single());
        Assert.AreEqual(3u, data.GetColumn<uint>("Key").Single(), "A file counts keys from 0, a column from 1.");
        Assert.AreEqual("Key<UInt32, 0-4>", data.Schema["Key"].Type.ToString());
        Assert.AreEqual(1.5, data.GetColumn<double>("Double").Single());
    }

    [TestMethod]
    public void An_integer_that_is_none_is_an_error_that_names_line_and_column()
    {
        using var file = new TextFile("1", "x");

        var data = _ml.Data.LoadFromTextFile(file.Path, [new TextLoader.Column("Count", DataKind.Int32, 0)]);

        var error = Assert.ThrowsExactly<FormatException>(() => data.GetColumn<int>("Count").ToArray());
        StringAssert.Contains(error.Message, "Could not parse value x in line 2, column Count");
    }

    [TestMethod]
    public void Comments_and_empty_lines_are_no_rows()
    {
        using var file = new TextFile("# first", "", "X", "// second", "1", "", "2");

        var data = _ml.Data.LoadFromTextFile(file.Path, [new TextLoader.Column("X", DataKind.Single, 0)], hasHeader: true);

        CollectionAssert.AreEqual(new[] { 1f, 2f }, data.GetColumn<float>("X").ToArray());
    }

    [TestMethod]
    public void A_quoted_field_may_span_lines()
    {
        using var file = new TextFile("1,\"a", "b\",2", "3,\"say \"\"x\"\"\",4");

        var data = _ml.Data.LoadFromTextFile(file.Path, new TextLoader.Options
        {
            Columns = [new TextLoader.Column("Text", DataKind.String, 1), new TextLoader.Column("X", DataKind.Single, 2)],
            Separators = [','],
            AllowQuoting = true,
            ReadMultilines = true,
        });

        CollectionAssert.AreEqual(new[] { "a\nb", "say \"x\"" }, data.GetColumn<string>("Text").ToArray());
        CollectionAssert.AreEqual(new[] { 2f, 4f }, data.GetColumn<float>("X").ToArray());
    }

    [TestMethod]
    public void An_escape_character_hides_quotes()
    {
        using var file = new TextFile("\"a \\\"b\\\" c\",1");

        var data = _ml.Data.LoadFromTextFile(file.Path, new TextLoader.Options
        {
            Columns = [new TextLoader.Column("Text", DataKind.String, 0)],
            Separators = [','],
            AllowQuoting = true,
            EscapeChar = '\\',
        });

        Assert.AreEqual("a \"b\" c", data.GetColumn<string>("Text").Single());
    }

    [TestMethod]
    public void Sparse_rows_name_their_slots()
    {
        using var file = new TextFile("1 5 0:2 3:4", "0 5 4:1");

        var data = _ml.Data.LoadFromTextFile(file.Path,
            [new TextLoader.Column("Label", DataKind.Single, 0), new TextLoader.Column("Features", DataKind.Single, 1, 5)],
                separatorChar: ' ', allowSparse: true);

        CollectionAssert.AreEqual(new[] { 1f, 0f }, data.GetColumn<float>("Label").ToArray());
        CollectionAssert.AreEqual(new[] { 2f, 0, 0, 4, 0, 0, 0, 0, 0, 1 },
            data.GetColumn<float[]>("Features").SelectMany(row => row).ToArray());
    }

    [TestMethod]
    public void A_range_without_an_end_takes_the_rest_of_the_row()
    {
        using var file = new TextFile("1,2,3,4", "5,6,7,8");
        TextLoader.Column[] columns = [new("Label", DataKind.Single, 0), new("Features", DataKind.Single, [new TextLoader.Range(1, null)])];

        var data = _ml.Data.LoadFromTextFile(file.Path, new TextLoader.Options { Columns = columns, Separators = [','] });

        Assert.AreEqual("Vector<Single, 3>", data.Schema["Features"].Type.ToString());
        CollectionAssert.AreEqual(new[] { 2f, 3, 4, 6, 7, 8 }, data.GetColumn<float[]>("Features").SelectMany(row => row).ToArray());
        var unseen = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromTextFile(file.Path, columns, ','));
        StringAssert.Contains(unseen.Message, "Can't determine the number of source columns without valid data");
    }

    [TestMethod]
    public void Cursors_of_a_set_share_the_rows_of_a_file_of_many_blocks()
    {
        const int Rows = 40_000;
        using var file = new TextFile(Enumerable.Range(0, Rows).Select(row => $"{row},{row / 4.0:R}".Replace(",", "\t")));
        var data = _ml.Data.LoadFromTextFile(file.Path, [new TextLoader.Column("X", DataKind.Single, 0),
            new TextLoader.Column("Y", DataKind.Single, 1)]);

        var seen = new bool[Rows];
        var cursors = data.GetRowCursorSet(data.Schema, 2);
        Parallel.ForEach(cursors, cursor =>
        {
            var (getX, getY) = (cursor.GetGetter<float>(data.Schema["X"]), cursor.GetGetter<float>(data.Schema["Y"]));
            float x = 0, y = 0;
            while (cursor.MoveNext())
            {
                getX(ref x);
                getY(ref y);
                Assert.AreEqual(x / 4, y);
                Assert.IsFalse(seen[(int)x]);
                seen[(int)x] = true;
            }
            cursor.Dispose();
        });

        Assert.IsTrue(Array.TrueForAll(seen, row => row));
        CollectionAssert.AreEqual(Enumerable.Range(0, Rows).Select(row => (float)row).ToArray(), data.GetColumn<float>("X").ToArray());
    }

    [TestMethod]
    public void A_limit_on_the_rows_holds()
    {
        using var file = new TextFile("1", "2", "3");

        var data = _ml.Data.LoadFromTextFile(file.Path,
            new TextLoader.Options { Columns = [new TextLoader.Column("X", DataKind.Single, 0)], MaxRows = 2 });

        CollectionAssert.AreEqual(new[] { 1f, 2f }, data.GetColumn<float>("X").ToArray());
    }

    [TestMethod]
    public void A_member_without_a_place_in_the_file_is_named()
    {
        using var file = new TextFile("1");

        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Data.LoadFromTextFile<NoPlace>(file.Path));

        Assert.AreEqual("Property 'X' is missing the LoadColumnAttribute attribute", error.Message);
    }

    [TestMethod]
    public void A_missing_file_is_named()
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromTextFile("nowhere.csv",
            [new TextLoader.Column("X", DataKind.Single, 0)]));

        StringAssert.Contains(error.Message, "File or directory does not exist at path: nowhere.csv");
    }
}
