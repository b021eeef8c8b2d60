using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>What a report shows, as the JSON that its page reads.</summary>
/// <param name="kind">Which report: sweep, training, comparison or rates.</param>
/// <param name="trainings">The trainings.</param>
/// <param name="metric">What they are compared by.</param>
internal sealed class ReportData(string kind, IReadOnlyList<ReportedTraining> trainings, Metric metric)
{
    // The most points of a curve: more cannot be seen. The most numbers of all curves of a report: more make a file that no browser
    // opens at once.
    private const int MostPoints = 600;
    private const int MostNumbers = 400_000;

    // Beside the metrics of a point: where a rate begins and what it is; of few trainings that of the bias too, and the epoch.
    private const int NumbersOfRate = 2;
    private const int NumbersOfRates = 5;

    // So many points have room for all their digits.
    private const int MostWholePoints = 12_000;

    // Of few trainings there is room for all metrics and the rates of all groups.
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

    // More trainings never have more points each: those whose other metrics are left out no more than the last that have them.
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

    /// <summary>What trainings are compared by, in words.</summary>
    public string MetricText { get; init; } = $"{metric}";

    /// <summary>The curve of a finder; null for none.</summary>
    public LearningRateCurve? Rates { get; init; }

    /// <summary>What a user should know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The JSON: nothing in it would end the script element that it stands in.</summary>
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

    // An epoch of trials that trained together has one time, which all of them tell.
    private double Seconds() => trainings.SelectMany(training => Times(training.History)).Distinct().Sum(time => time.Seconds);

    // An epoch that a journal left out took as long as the next one that it has.
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
        // A trial that diverged is worse than any that has a score; one that failed tells nothing of its values.
        int[] known = [.. Enumerable.Range(0, trainings.Count)
            .Where(i => trainings[i].Failure is null && (trainings[i].Score is not null || trainings[i].History.Epochs.Count > 0))];
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

    // From 1; equal scores have the mean of their places.
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
            // A text in it has half a character. It is JSON all the same.
            return options;
        }
        catch (JsonException e)
        {
            throw HistoryWriter.WithoutOptions(options, e);
        }
    }

    // A schedule that no text can hold.
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
