using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>What the data side of ML.NET promises and the product relies on; true of the packages and of the subset alike.</summary>
[TestClass]
public sealed class DataViewTests
{
    private readonly MLContext _ml = new(seed: 7);

    [TestMethod]
    public void LoadFromEnumerable_gives_each_member_the_column_type_that_its_attributes_say()
    {
        var schema = _ml.Data.LoadFromEnumerable(new[] { new Row() }).Schema;

        var types = schema.ToDictionary(column => column.Name, column => column.Type.ToString());

        Assert.AreEqual("Int32", types["Id"]);
        Assert.AreEqual("Vector<Single, 3>", types["Features"]);
        Assert.AreEqual("Vector<Single>", types["Loose"]);
        Assert.AreEqual("String", types["Name"]);
        Assert.AreEqual("Boolean", types["Flag"]);
        Assert.AreEqual("Key<UInt32, 0-3>", types["Class"]);
        Assert.IsFalse(types.ContainsKey("Unseen"));
    }

    [TestMethod]
    public void A_key_is_stored_from_one_and_missing_where_it_is_out_of_range()
    {
        uint[] keys = [0, 1, 3, 4, 9];
        var view = _ml.Data.LoadFromEnumerable(keys.Select(key => new Row { Class = key }));

        CollectionAssert.AreEqual(new uint[] { 1, 2, 4, 0, 0 }, view.GetColumn<uint>("Class").ToArray());
    }

    [TestMethod]
    public void A_schema_definition_gives_a_vector_its_size()
    {
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["Loose"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);

        var view = _ml.Data.LoadFromEnumerable([new Row { Loose = [1, 2] }], definition);

        Assert.AreEqual(2, ((VectorDataViewType)view.Schema["Loose"].Type).Size);
        CollectionAssert.AreEqual(new[] { 1f, 2f }, view.GetColumn<float[]>("Loose").Single());
    }

    [TestMethod]
    public void A_sparse_vector_arrives_sparse()
    {
        var sparse = new VBuffer<float>(4, 2, [5f, 7f], [1, 3]);
        var view = _ml.Data.LoadFromEnumerable([new SparseRow { Features = sparse }]);

        var read = view.GetColumn<VBuffer<float>>("Features").Single();

        Assert.IsFalse(read.IsDense);
        CollectionAssert.AreEqual(new[] { 1, 3 }, read.GetIndices().ToArray());
        CollectionAssert.AreEqual(new[] { 0f, 5f, 0f, 7f }, read.DenseValues().ToArray());
    }

    [TestMethod]
    public void CreateEnumerable_gives_back_what_LoadFromEnumerable_took()
    {
        var view = Numbered(3);

        var rows = _ml.Data.CreateEnumerable<Row>(view, reuseRowObject: false, ignoreMissingColumns: true).ToList();

        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, rows.Select(row => row.Id).ToArray());
        CollectionAssert.AreEqual(new[] { "row 0", "row 1", "row 2" }, rows.Select(row => row.Name).ToArray());
        CollectionAssert.AreEqual(new[] { 2f, 4f, 6f }, rows[2].Features);
        Assert.AreNotSame(rows[0].Features, rows[1].Features);
    }

    [TestMethod]
    public void CreateEnumerable_refuses_a_missing_column_unless_told_to_ignore_it()
    {
        var view = Numbered(1);

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.CreateEnumerable<Other>(view, false).ToList());
        Assert.IsNull(_ml.Data.CreateEnumerable<Other>(view, false, ignoreMissingColumns: true).Single().Absent);
    }

    [TestMethod]
    public void A_cursor_has_only_the_columns_that_it_was_asked_for()
    {
        var view = Numbered(2);
        var (id, name) = (view.Schema["Id"], view.Schema["Name"]);

        using var cursor = view.GetRowCursor([id]);

        Assert.IsTrue(cursor.IsColumnActive(id));
        Assert.IsFalse(cursor.IsColumnActive(name));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => cursor.GetGetter<ReadOnlyMemory<char>>(name));
        Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<float>(id));
        Assert.AreEqual(-1, cursor.Position);
        Assert.IsTrue(cursor.MoveNext());
        Assert.AreEqual(0, cursor.Position);
        Assert.IsTrue(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void A_split_divides_the_rows_the_same_way_each_time_for_one_seed()
    {
        var view = Numbered(1000);

        var first = _ml.Data.TrainTestSplit(view, testFraction: 0.3, seed: 5);
        var second = new MLContext().Data.TrainTestSplit(view, testFraction: 0.3, seed: 5);
        var other = _ml.Data.TrainTestSplit(view, testFraction: 0.3, seed: 6);

        CollectionAssert.AreEqual(Ids(first.TestSet), Ids(second.TestSet));
        CollectionAssert.AreNotEqual(Ids(first.TestSet), Ids(other.TestSet));
        CollectionAssert.AreEquivalent(Ids(view), Ids(first.TrainSet).Concat(Ids(first.TestSet)).ToArray());
        Assert.AreEqual(300, Ids(first.TestSet).Length, delta: 60);
        CollectionAssert.AreEqual(Ids(first.TestSet).Order().ToArray(), Ids(first.TestSet));
        CollectionAssert.AreEqual(Names(view), Names(first.TrainSet));
    }

    [TestMethod]
    public void A_split_of_a_split_has_rows_on_both_sides()
    {
        var train = _ml.Data.TrainTestSplit(Numbered(1000), testFraction: 0.2).TrainSet;

        var inner = _ml.Data.TrainTestSplit(train, testFraction: 0.2);

        Assert.AreEqual(160, Ids(inner.TestSet).Length, delta: 50);
        CollectionAssert.AreEquivalent(Ids(train), Ids(inner.TrainSet).Concat(Ids(inner.TestSet)).ToArray());
    }

    [TestMethod]
    public void A_split_by_key_keeps_the_rows_of_a_key_together()
    {
        var rows = Enumerable.Range(0, 400).Select(i => new Row { Id = i, Name = "group " + (i % 40) });
        var split = _ml.Data.TrainTestSplit(_ml.Data.LoadFromEnumerable(rows), testFraction: 0.4, samplingKeyColumnName: "Name");

        var train = split.TrainSet.GetColumn<string>("Name").ToHashSet();
        var test = split.TestSet.GetColumn<string>("Name").ToHashSet();

        Assert.IsFalse(train.Overlaps(test));
        Assert.AreEqual(40, train.Count + test.Count);
        Assert.AreNotEqual(0, test.Count);
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(1.0)]
    [DataRow(-0.5)]
    public void A_split_refuses_a_fraction_that_is_not_between_zero_and_one(double fraction)
        => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.TrainTestSplit(Numbered(4), fraction));

    [TestMethod]
    public void Folds_test_each_row_once()
    {
        var folds = _ml.Data.CrossValidationSplit(Numbered(200), numberOfFolds: 4);

        CollectionAssert.AreEquivalent(Enumerable.Range(0, 200).ToArray(), folds.SelectMany(fold => Ids(fold.TestSet)).ToArray());
        foreach (var fold in folds)
            Assert.AreEqual(200, Ids(fold.TrainSet).Length + Ids(fold.TestSet).Length);
    }

    [TestMethod]
    public void A_cache_reads_its_source_once_and_gives_the_same_rows()
    {
        var enumerations = 0;
        IEnumerable<Row> Counted()
        {
            enumerations++;
            for (var i = 0; i < 100; i++)
                yield return NumberedRow(i);
        }
        var cached = _ml.Data.Cache(_ml.Data.LoadFromEnumerable(Counted()), "Id", "Features");

        var features = cached.GetColumn<float[]>("Features").ToList();
        CollectionAssert.AreEqual(Enumerable.Range(0, 100).ToArray(), Ids(cached));
        CollectionAssert.AreEqual(Enumerable.Range(0, 100).ToArray(), Ids(cached));

        Assert.AreEqual(1, enumerations);
        Assert.AreEqual(100, cached.GetRowCount());
        CollectionAssert.AreEqual(new[] { 99f, 198f, 297f }, features[99]);
        Assert.IsTrue(cached.CanShuffle);
    }

    [TestMethod]
    public void The_cursors_of_a_cache_share_its_rows_out()
    {
        var cached = _ml.Data.Cache(Numbered(5000));
        var ids = new List<int>();
        var byBatch = new SortedDictionary<long, List<int>>();

        foreach (var cursor in cached.GetRowCursorSet([cached.Schema["Id"]], 3))
        {
            using (cursor)
            {
                var id = cursor.GetGetter<int>(cached.Schema["Id"]);
                while (cursor.MoveNext())
                {
                    var value = 0;
                    id(ref value);
                    ids.Add(value);
                    if (!byBatch.TryGetValue(cursor.Batch, out var batch))
                        byBatch[cursor.Batch] = batch = [];
                    batch.Add(value);
                }
            }
        }

        CollectionAssert.AreEquivalent(Enumerable.Range(0, 5000).ToArray(), ids);
        CollectionAssert.AreEqual(Enumerable.Range(0, 5000).ToArray(), byBatch.SelectMany(batch => batch.Value).ToArray());
    }

    [TestMethod]
    public void A_cache_keeps_sparse_and_dense_vectors_and_text_as_they_are()
    {
        VBuffer<float>[] vectors = [new(4, 1, [5f], [2]), new(4, [1f, 2f, 3f, 4f]), new(4, 0, [], [])];
        var cached = _ml.Data.Cache(_ml.Data.LoadFromEnumerable(vectors.Select(vector => new SparseRow { Features = vector })));

        // Copied row by row: a column's vectors come in one buffer that each row overwrites.
        var read = cached.GetColumn<VBuffer<float>>("Features")
            .Select(vector => (vector.IsDense, Values: vector.DenseValues().ToArray()))
            .ToArray();

        for (var i = 0; i < vectors.Length; i++)
        {
            Assert.AreEqual(vectors[i].IsDense, read[i].IsDense);
            CollectionAssert.AreEqual(vectors[i].DenseValues().ToArray(), read[i].Values);
        }
        CollectionAssert.AreEqual(new[] { "row 0", "row 1" }, _ml.Data.Cache(Numbered(2)).GetColumn<string>("Name").ToArray());
    }

    [TestMethod]
    public void Shuffled_rows_are_all_there_in_another_order()
    {
        var shuffled = _ml.Data.ShuffleRows(Numbered(300), seed: 3, shufflePoolSize: 50);

        var ids = Ids(shuffled);

        CollectionAssert.AreNotEqual(Enumerable.Range(0, 300).ToArray(), ids);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 300).ToArray(), ids);
        CollectionAssert.AreEqual(ids, Ids(_ml.Data.ShuffleRows(Numbered(300), seed: 3, shufflePoolSize: 50)));
        CollectionAssert.AreEqual(
            ids.Select(id => (float)id).ToArray(),
            shuffled.GetColumn<float[]>("Features").Select(f => f[0]).ToArray());
    }

    [TestMethod]
    public void Rows_are_taken_skipped_and_filtered()
    {
        var view = Numbered(10);

        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, Ids(_ml.Data.TakeRows(view, 3)));
        CollectionAssert.AreEqual(new[] { 8, 9 }, Ids(_ml.Data.SkipRows(view, 8)));
        CollectionAssert.AreEqual(new[] { 3, 4 }, Ids(_ml.Data.FilterRowsByColumn(view, "Score", 3, 5)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.TakeRows(view, 0));
    }

    [TestMethod]
    public void Rows_with_missing_values_are_filtered_out()
    {
        Row[] rows =
        [
            NumberedRow(0),
            new() { Id = 1, Features = [1, float.NaN, 3] },
            new() { Id = 2, Features = [1, 2, 3], Score = float.NaN },
            NumberedRow(3),
        ];
        var view = _ml.Data.LoadFromEnumerable(rows);

        CollectionAssert.AreEqual(new[] { 0, 3 }, Ids(_ml.Data.FilterRowsByMissingValues(view, "Features", "Score")));
        CollectionAssert.AreEqual(new[] { 0, 2, 3 }, Ids(_ml.Data.FilterRowsByMissingValues(view, "Features")));
    }

    [TestMethod]
    public void A_preview_shows_the_first_rows_by_row_and_by_column()
    {
        var preview = Numbered(10).Preview(maxRows: 4);

        Assert.AreEqual(4, preview.RowView.Length);
        Assert.AreEqual(3, preview.RowView[3].Values.Single(pair => pair.Key == "Id").Value);
        Assert.AreEqual(2, preview.ColumnView.Single(info => info.Column.Name == "Id").Values[2]);
    }

    [TestMethod]
    public void A_schema_finds_the_last_column_of_a_name_and_hides_the_others()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Single);
        builder.AddColumn("A", TextDataViewType.Instance);
        var schema = builder.ToSchema();

        Assert.AreEqual(1, schema["A"].Index);
        Assert.IsTrue(schema[0].IsHidden);
        Assert.IsNull(schema.GetColumnOrNull("B"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schema["B"]);
    }

    [TestMethod]
    public void Annotations_are_read_back_by_name()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("IsNormalized", BooleanDataViewType.Instance, true);
        annotations.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, 2),
            (ref VBuffer<ReadOnlyMemory<char>> value) => value = new(2, ["x".AsMemory(), "y".AsMemory()]));
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", new VectorDataViewType(NumberDataViewType.Single, 2), annotations.ToAnnotations());
        var column = builder.ToSchema()["A"];

        var names = default(VBuffer<ReadOnlyMemory<char>>);
        column.GetSlotNames(ref names);

        Assert.IsTrue(column.IsNormalized());
        Assert.IsTrue(column.HasSlotNames());
        CollectionAssert.AreEqual(new[] { "x", "y" }, names.DenseValues().Select(name => name.ToString()).ToArray());
    }

    [TestMethod]
    public void A_buffer_is_edited_in_place_where_its_arrays_are_long_enough()
    {
        var buffer = new VBuffer<float>(3, new float[3]);

        var editor = VBufferEditor.Create(ref buffer, newLogicalLength: 3, valuesCount: 2);
        (editor.Values[0], editor.Values[1]) = (4, 5);
        (editor.Indices[0], editor.Indices[1]) = (0, 2);
        buffer = editor.Commit();

        Assert.IsFalse(editor.CreatedNewValues);
        Assert.IsTrue(editor.CreatedNewIndices);
        Assert.AreEqual(5, buffer.GetItemOrDefault(2));
        Assert.AreEqual(0, buffer.GetItemOrDefault(1));
        CollectionAssert.AreEqual(new[] { 4f, 0f, 5f }, buffer.DenseValues().ToArray());
    }

    private static string[] Names(IDataView view) => [.. view.Schema.Select(column => column.Name)];

    private static int[] Ids(IDataView view) => [.. view.GetColumn<int>("Id")];

    private static Row NumberedRow(int i) => new() { Id = i, Features = [i, 2 * i, 3 * i], Name = "row " + i, Score = i, Loose = [i] };

    private IDataView Numbered(int count) => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(NumberedRow));

    private sealed class Row
    {
        public int Id { get; set; }

        [VectorType(3)]
        public float[] Features { get; set; } = [0, 0, 0];

        public float[] Loose { get; set; } = [];

        public string Name { get; set; } = "";

        public bool Flag { get; set; }

        public float Score { get; set; }

        [KeyType(4)]
        public uint Class { get; set; }

        [NoColumn]
        public int Unseen { get; set; }
    }

    private sealed class SparseRow
    {
        [VectorType(4)]
        public VBuffer<float> Features { get; set; }
    }

    private sealed class Other
    {
        public int Id { get; set; }

        public string? Absent { get; set; }
    }
}
