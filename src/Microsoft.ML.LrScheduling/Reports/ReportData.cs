using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>Writes the content of a report as the JSON that the scripts of its page read.</summary>
/// <param name="kind">The kind of report: sweep, training, comparison or rates.</param>
/// <param name="trainings">The trainings.</param>
/// <param name="metric">The metric that the trainings are compared by.</param>
internal sealed class ReportData(string kind, IReadOnlyList<ReportedTraining> trainings, Metric metric)
{
    // The maximum number of points of a curve, since more are not visible; and of numbers in all curves of a report, since browsers open a
    // larger file slowly.
    private const int MostPoints = 600;
    private const int MostNumbers = 400_000;

    // The numbers per point in addition to the metrics: position and rate, or, with few trainings, those of weights and bias, and the
    // epoch.
    private const int NumbersOfRate = 2;
    private const int NumbersOfRates = 5;

    // Up to this number of points, numbers have 8 digits, otherwise 5.
    private const int MostWholePoints = 12_000;

    // Up to this number of trainings, a report contains all metrics, the rates of all groups, and the events.
    private const int FewTrainings = 100;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.Default };
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
        MaxDepth = ScheduleJson.DocumentDepth,
    };

    private readonly LineTable _lines = new();

    private readonly Metric[] _metrics = [.. MetricsOf(trainings, metric).Where(known => IsKept(trainings, metric, known))];

    private readonly int _pointsOfCurve = PointsOfCurve(trainings, metric);

    private readonly string _digits = trainings.Sum(training => (long)Math.Min(training.History.Epochs.Count, MostPoints))
        > MostWholePoints ? "G5" : "G8";

    private static IReadOnlyList<Metric> MetricsOf(IReadOnlyList<ReportedTraining> trainings, Metric metric) =>
    [
        .. trainings.SelectMany(training => training.History.Epochs.SelectMany(epoch => epoch.ValidationMetrics.Keys))
            .Prepend(metric).Append(Metric.TrainingLoss).Distinct(),
    ];

    private static bool IsKept(IReadOnlyList<ReportedTraining> trainings, Metric metric, Metric known) =>
        trainings.Count <= FewTrainings || known == metric || known == Metric.TrainingLoss;

    // Above FewTrainings most metrics are left out, so there would be space for more points. Each training still gets at most as many
    // points as with FewTrainings.
    private static int PointsOfCurve(IReadOnlyList<ReportedTraining> trainings, Metric metric)
    {
        var all = MetricsOf(trainings, metric);
        var points = PointsOf(Math.Min(trainings.Count, FewTrainings), all.Count + NumbersOfRates);
        return trainings.Count <= FewTrainings
            ? points
            : Math.Min(points, PointsOf(trainings.Count, all.Count(known => IsKept(trainings, metric, known)) + NumbersOfRate));
    }

    private static int PointsOf(int trainings, int numbers) =>
        Math.Clamp(MostNumbers / numbers / Math.Max(1, trainings), 20, MostPoints);

    /// <summary>The name of the metric that trainings are compared by.</summary>
    public string MetricText { get; init; } = $"{metric}";

    /// <summary>The curve of a learning rate finder; null for none.</summary>
    public LearningRateCurve? Rates { get; init; }

    /// <summary>The notes for the reader of the report.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Returns the JSON. It contains nothing that ends the script element around it.</summary>
    public string Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteString("metric", MetricText);
            json.WriteStartArray("metrics");
            foreach (var known in _metrics) WriteMetric(json, known);
            json.WriteEndArray();
            json.WriteFinite("seconds", Seconds());
            json.WriteStartArray("notes");
            foreach (var note in Notes) json.WriteStringValue(ReportJson.Visible(note));
            json.WriteEndArray();
            var factors = kind == "training" ? [] : Factor.Of(trainings);
            WriteFactors(json, factors);
            json.WriteStartArray("trials");
            foreach (var (i, training) in trainings.Index()) WriteTraining(json, training, [.. factors.Select(factor => factor.Values[i])]);
            json.WriteEndArray();
            _lines.WriteLines(json, "lines");
            if (Rates is not null) WriteRates(json, Rates);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void WriteMetric(Utf8JsonWriter json, Metric known)
    {
        json.WriteStartObject();
        json.WriteString("name", $"{known}");
        json.WriteBoolean("higherIsBetter", known.HigherIsBetter());
        if (known.Unit(isMulticlass: trainings.Any(training => training.Options?.ValidationMetrics.Contains(Metric.MicroAccuracy) == true))
            is { } unit)
        {
            json.WriteString("unit", unit);
        }

        json.WriteEndObject();
    }

    // Trials that train together all report the same duration of an epoch, which counts once.
    private double Seconds() => trainings.SelectMany(training => Times(training.History)).Distinct().Sum(time => time.Seconds);

    // A journal can leave epochs out. They are assumed to have taken as long as the next recorded epoch.
    private static IEnumerable<(int Epoch, double Seconds)> Times(TrainingHistory history)
    {
        var before = 0;
        foreach (var epoch in history.Epochs)
        {
            yield return (epoch.Epoch, (epoch.Epoch - before) * epoch.Duration.TotalSeconds);
            before = epoch.Epoch;
        }
    }

    private void WriteFactors(Utf8JsonWriter json, IReadOnlyList<Factor> factors)
    {
        // A diverged trial, even in its first epoch, ranks after all trials with a score. A failed trial, or one that did not train, is
        // left out.
        int[] known = [.. Enumerable.Range(0, trainings.Count).Where(i => trainings[i] is { Failure: null } training
            && (training.Score is not null || training.History is { Epochs.Count: > 0 } or { StopReason: StopReason.Diverged }))];
        var ranks = RanksOf([.. known.Select(i => trainings[i].Score is { } score
            ? metric.HigherIsBetter() ? -score : score
            : double.PositiveInfinity)]);
        var importance = kind != "sweep" ? null : HyperparameterImportance.Find(
            [.. factors.Select(factor => factor.Numbers).Select(numbers => known.Select(i => numbers[i]).ToArray())],
            [.. factors.Select(factor => factor.IsCategory)], ranks);
        if (importance is var (_, explained)) json.WriteFinite("explained", explained);
        json.WriteStartArray("factors");
        foreach (var (i, factor) in factors.Index())
        {
            json.WriteStartObject();
            json.WriteString("name", ReportJson.Visible(factor.Name));
            json.WriteBoolean("category", factor.IsCategory);
            json.WriteBoolean("rate", factor.IsRate);
            json.WriteBoolean("schedule", factor.IsScheduleKind);
            json.WriteBoolean("column", factor.HasColumn);
            if (importance is var (shares, _)) json.WriteFinite("share", shares[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // Ranks start at 1. Equal scores have the mean of their ranks.
    private static double[] RanksOf(double[] scores)
    {
        var places = scores.Order().Index().GroupBy(place => place.Item).ToDictionary(same => same.Key, same => same.Average(p => p.Index));
        return [.. scores.Select(score => 1 + places[score])];
    }

    private void WriteTraining(Utf8JsonWriter json, ReportedTraining training, object?[] values)
    {
        var history = training.History;
        json.WriteStartObject();
        json.WriteNumber("number", training.Number);
        if (training.Name is { } name) json.WriteString("name", ReportJson.Visible(name));
        json.WriteFinite("score", training.Score);
        json.WriteString("ended", $"{history.StopReason}");
        if (history.StopReason == StopReason.Diverged) json.WriteString("divergence", TrainingEvents.Divergence(history));
        if (training.Failure is { } failure) json.WriteString("failure", ReportJson.Visible(failure));
        json.WriteString("schedule", ReportJson.Visible(training.Schedule));
        json.WriteString("trainer", ReportJson.Visible(history.Trainer));
        json.WriteNumber("epochs", history.Epochs is [.., { Epoch: var last }] ? last : 0);
        if (training.BestEpoch is { } best) json.WriteNumber("best", best);
        json.WriteFinite("seconds", Times(history).Sum(time => time.Seconds));
        if (history.TrainingRowCount is { } rows) json.WriteNumber("rows", rows);
        if (history.ValidationRowCount is { } validationRows) json.WriteNumber("validationRows", validationRows);
        json.WriteStartArray("values");
        foreach (var value in values) json.WriteValue(value);
        json.WriteEndArray();
        json.WriteNumbers("folds", training.FoldScores, _digits);
        var options = training.Options;
        RateCurve[] rates =
        [
            .. Enumerable.Range(0, history.Epochs is [{ LearningRates.Count: var groups }, ..] ? groups : 0).Select(group =>
                RateCurve.Of(history, options, group, _pointsOfCurve, RateCurve.MostSteps / trainings.Count)),
        ];
        WriteCurves(json, history, rates);
        _lines.Write(json, "csharp",
            options is null ? "" : OptionsCode.Write(options, Lost(history.ScheduleText), Lost(history.BiasScheduleText)));
        _lines.Write(json, "json", IndentedOptions(history.Options));
        json.WriteStartArray("events");
        if (trainings.Count <= FewTrainings)
            foreach (var (epoch, text) in TrainingEvents.Of(history, options, rates))
            {
                json.WriteStartArray();
                json.WriteNumberValue(epoch);
                json.WriteStringValue(ReportJson.Visible(text));
                json.WriteEndArray();
            }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string IndentedOptions(string options)
    {
        if (options.Length == 0) return "";
        try
        {
            return JsonNode.Parse(options, documentOptions: ScheduleJson.Document)?.ToJsonString(Indented) ?? "null";
        }
        catch (InvalidOperationException)
        {
            // A string in it contains a lone surrogate, which cannot be written again. The options are still JSON.
            return options;
        }
        catch (JsonException e)
        {
            throw HistoryWriter.WithoutOptions(options, e);
        }
    }

    // Returns the text of a schedule that cannot be read back, because it holds a delegate.
    private static string? Lost(string? schedule) => schedule is not null && !LrSchedule.TryParse(schedule, null, out _) ? schedule : null;

    private void WriteCurves(Utf8JsonWriter json, TrainingHistory history, RateCurve[] rates)
    {
        json.WriteStartArray("rates");
        foreach (var rate in rates.Take(trainings.Count > FewTrainings || rates.All(other => IsSame(other, rates[0])) ? 1 : rates.Length))
        {
            json.WriteStartObject();
            json.WriteNumbers("x", rate.X.Select(x => (double?)x), _digits);
            json.WriteNumbers("y", rate.Y.Select(y => (double?)y), _digits);
            json.WriteNumber("end", rate.End);
            json.WriteBoolean("stepped", rate.IsStepped);
            if (rate.IsSampled) json.WriteBoolean("sampled", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        var epochs = Thinned(history, _pointsOfCurve);
        if (epochs.Index().Any(epoch => epoch.Item.Epoch != epoch.Index + 1))
            json.WriteNumbers("at", epochs.Select(epoch => (double?)epoch.Epoch), "G9");
        json.WriteStartArray("curves");
        foreach (var known in _metrics) json.WriteCurve(epochs.Select(epoch => epoch[known]), _digits);
        json.WriteEndArray();
    }

    // At equal distances, the last and the best epoch among them; of epochs in between, those without a value of a metric are shown.
    private EpochRecord[] Thinned(TrainingHistory history, int most)
    {
        var epochs = history.Epochs;
        if (epochs.Count <= most) return [.. epochs];
        Metric[] own = [.. _metrics.Where(known => epochs.Any(epoch => ReportedTraining.ValueOf(epoch, known) is not null))];
        int StartOf(int part) => (int)((long)part * epochs.Count / most);
        var kept = Enumerable.Range(0, most).Select(part => Enumerable.Range(StartOf(part), StartOf(part + 1) - StartOf(part))
                .FirstOrDefault(i => own.Any(known => ReportedTraining.ValueOf(epochs[i], known) is null), StartOf(part + 1) - 1))
            .Append(epochs.Count - 1);
        if (history.BestEpoch is { } best) kept = kept.Concat(Enumerable.Range(0, epochs.Count).Where(i => epochs[i].Epoch == best));
        return [.. kept.Distinct().Order().Select(i => epochs[i])];
    }

    private static bool IsSame(RateCurve one, RateCurve other) => one.X.SequenceEqual(other.X) && one.Y.SequenceEqual(other.Y);

    private void WriteRates(Utf8JsonWriter json, LearningRateCurve curve)
    {
        json.WriteStartObject("finder");
        json.WriteNumbers("rates", curve.Points.Select(point => (double?)point.Rate), _digits);
        json.WriteNumbers("losses", curve.Points.Select(point => (double?)point.Loss), _digits);
        json.WriteFinite("initial", curve.InitialLoss);
        json.WriteFinite("suggested", curve.SuggestedRate);
        json.WriteString("reason", ReportJson.Visible(curve.Reason));
        json.WriteEndObject();
    }
}
