using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>What ML.NET's chains, prediction engines and environments promise; true of the packages and of the subset alike.</summary>
[TestClass]
public sealed class PipelineTests
{
    private readonly MLContext _ml = new(seed: 7);

    [TestMethod]
    public void A_chain_fits_its_estimators_in_order_and_applies_them_all()
    {
        var chain = _ml.Transforms.Concatenate("Features", "A", "B").Append(_ml.Transforms.CopyColumns("Copy", "Features"));

        var model = chain.Fit(Points());
        var copies = model.Transform(Points()).GetColumn<float[]>("Copy").ToList();

        Assert.HasCount(2, model.ToList());
        Assert.AreSame(model.Last(), model.LastTransformer);
        CollectionAssert.AreEqual(new[] { 1f, 10f }, copies[1]);
        Assert.AreEqual("Vector<Single, 2>", model.GetOutputSchema(Points().Schema)["Copy"].Type.ToString());
    }

    [TestMethod]
    public void A_chain_finds_a_missing_column_before_it_fits_anything()
    {
        var fitted = false;
        var chain = _ml.Transforms.CopyColumns("C", "A")
            .WithOnFitDelegate(_ => fitted = true)
            .Append(_ml.Transforms.CopyColumns("D", "Nope"));

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(Points()));

        StringAssert.Contains(error.Message, "'Nope'");
        Assert.IsFalse(fitted);
    }

    [TestMethod]
    public void A_transformer_out_of_scope_takes_no_part()
    {
        var model = _ml.Transforms.CopyColumns("C", "A")
            .Append(_ml.Transforms.CopyColumns("D", "A"), TransformerScope.Training)
            .Fit(Points());

        var scoring = model.GetOutputSchema(Points().Schema);

        Assert.IsNotNull(model.GetOutputSchema(Points().Schema, TransformerScope.Everything).GetColumnOrNull("D"));
        Assert.IsNull(scoring.GetColumnOrNull("D"));
        Assert.IsNotNull(scoring.GetColumnOrNull("C"));
    }

    [TestMethod]
    public void A_cache_checkpoint_spares_the_next_estimators_the_reading()
    {
        var enumerations = 0;
        IEnumerable<Point> Counted()
        {
            enumerations++;
            yield return new() { A = 1, B = 2 };
            yield return new() { A = 3, B = 4 };
        }
        var chain = _ml.Transforms.Concatenate("Features", "A", "B")
            .AppendCacheCheckpoint(_ml)
            .Append(_ml.Transforms.NormalizeMinMax("N", "Features"))
            .Append(_ml.Transforms.NormalizeMeanVariance("M", "Features"));

        chain.Fit(_ml.Data.LoadFromEnumerable(Counted()));

        Assert.AreEqual(1, enumerations);
    }

    [TestMethod]
    public void A_later_column_hides_the_one_of_its_name_and_stands_right_behind_it()
    {
        var schema = _ml.Transforms.CopyColumns("A", "B").Fit(Points()).GetOutputSchema(Points().Schema);

        CollectionAssert.AreEqual(new[] { "A", "A", "B" }, schema.Select(column => column.Name).ToArray());
        Assert.IsTrue(schema[0].IsHidden);
        Assert.AreEqual(1, schema["A"].Index);
    }

    [TestMethod]
    public void A_mapped_view_is_read_in_parallel_where_its_source_is()
    {
        var cached = _ml.Data.Cache(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 4000).Select(i => new Point { A = i, B = 2 * i })));
        var view = _ml.Transforms.Concatenate("Features", "A", "B").Fit(cached).Transform(cached);
        var column = view.Schema["Features"];
        var sum = 0d;

        foreach (var cursor in view.GetRowCursorSet([column], 2))
        {
            using (cursor)
            {
                var getter = cursor.GetGetter<VBuffer<float>>(column);
                var value = default(VBuffer<float>);
                while (cursor.MoveNext())
                {
                    getter(ref value);
                    sum += value.GetValues()[1];
                }
            }
        }

        Assert.AreEqual(4000d * 3999, sum);
    }

    [TestMethod]
    public void A_prediction_engine_gives_what_the_transformed_view_has()
    {
        var model = Normalizer().Fit(Points());
        using var engine = _ml.Model.CreatePredictionEngine<Point, Normalized>(model);
        var expected = model.Transform(Points()).GetColumn<float[]>("N").ToList();

        for (var i = 0; i < 3; i++)
            CollectionAssert.AreEqual(expected[i], engine.Predict(PointAt(i)).N);

        Assert.IsNotNull(engine.OutputSchema.GetColumnOrNull("Features"));
    }

    [TestMethod]
    public void A_prediction_engine_fills_the_object_that_it_is_given()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Point, Normalized>(Normalizer().Fit(Points()));
        var prediction = new Normalized();
        var given = prediction;

        engine.Predict(PointAt(1), ref prediction);
        var first = prediction.N[0];
        engine.Predict(PointAt(2), ref prediction);

        Assert.AreSame(given, prediction);
        Assert.AreEqual(2 * first, prediction.N[0], 1e-6);
    }

    [TestMethod]
    public void A_prediction_engine_works_over_a_transformer_of_someone_elses()
    {
        var model = new Wrapper(Normalizer().Fit(Points()));
        using var engine = _ml.Model.CreatePredictionEngine<Point, Normalized>(model);

        Assert.AreEqual(1, engine.Predict(PointAt(2)).N[0], 1e-6);
        Assert.IsTrue(((ITransformer)new TransformerChain<ITransformer>(model)).IsRowToRowMapper);
    }

    [TestMethod]
    public void A_prediction_engine_refuses_a_transformer_that_does_not_work_row_by_row()
    {
        var model = new Wrapper(Normalizer().Fit(Points())) { IsRowToRowMapper = false };

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Model.CreatePredictionEngine<Point, Normalized>(model));
    }

    [TestMethod]
    public void Messages_reach_the_log_with_the_names_of_host_and_channel()
    {
        var received = new List<LoggingEventArgs>();
        _ml.Log += (_, message) => received.Add(message);

        using (var channel = ((IHostEnvironment)_ml).Register("Trainer").Start("Training"))
        {
            channel.Info(MessageSensitivity.None, "epoch {0}", 5);
            channel.Warning(MessageSensitivity.None, "a brace { stays");
        }

        var info = received.Single(message => message.Kind == ChannelMessageKind.Info);
        Assert.AreEqual("epoch 5", info.RawMessage);
        Assert.AreEqual("Trainer; Training", info.Source);
        Assert.AreEqual("[Source=Trainer; Training, Kind=Info] epoch 5", info.Message);
        Assert.AreEqual("a brace { stays", received.Single(message => message.Kind == ChannelMessageKind.Warning).RawMessage);
    }

    [TestMethod]
    public void The_seed_decides_the_random_numbers_of_every_host()
    {
        int[] Draws(int seed)
        {
            IHostEnvironment env = new MLContext(seed);
            var first = env.Register("First");
            return [first.Rand.Next(), first.Register("Child").Rand.Next(), env.Register("Second").Rand.Next()];
        }

        CollectionAssert.AreEqual(Draws(1), Draws(1));
        CollectionAssert.AreNotEqual(Draws(1), Draws(2));
        Assert.AreEqual(3, Draws(1).Distinct().Count());
    }

    private IDataView Points() => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(PointAt));

    private static Point PointAt(int i) => new() { A = i, B = 10 * i };

    private EstimatorChain<Transforms.NormalizingTransformer> Normalizer()
        => _ml.Transforms.Concatenate("Features", "A", "B").Append(_ml.Transforms.NormalizeMinMax("N", "Features"));

    private sealed class Point
    {
        public float A { get; set; }

        public float B { get; set; }
    }

    private sealed class Normalized
    {
        public float[] N { get; set; } = [];
    }

    private sealed class Wrapper(ITransformer inner) : ITransformer
    {
        public bool IsRowToRowMapper { get; init; } = inner.IsRowToRowMapper;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

        public IDataView Transform(IDataView input) => inner.Transform(input);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => inner.GetRowToRowMapper(inputSchema);

        public void Save(ModelSaveContext ctx) => inner.Save(ctx);
    }
}
