using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Reads a history that <see cref="HistoryWriter"/> wrote, one epoch at a time. It rejects content that would cause an error later, when a
/// report is made of the history or when it is written again.
/// </summary>
internal sealed class HistoryReader
{
    private const int LongestEpoch = 96 << 20;
    private const int LongestMember = 48 << 20;

    // At most this many numbers of an epoch are not rates of minibatches: its number, the rates of the groups, the loss and the metrics.
    private const int OtherNumbers = 20;

    private static readonly string[] Required = ["version", "trainer", "options", "schedule", "stopReason", "bestEpoch", "epochs"];

    private static readonly JsonDocumentOptions StrictDocument = new()
    {
        AllowDuplicateProperties = false,
        MaxDepth = ScheduleJson.DocumentDepth,
    };

    private readonly JsonParts _json;
    private readonly List<EpochRecord> _epochs = [];
    private long _rates;
    private string _trainer = "";
    private string _options = "";
    private string? _schedule;
    private string? _biasSchedule;
    private StopReason _stopReason;
    private int? _bestEpoch;
    private string? _divergence;
    private int? _trainingRowCount;
    private int? _validationRowCount;

    private HistoryReader(Stream stream) => _json = new JsonParts(stream, ScheduleJson.DocumentDepth);

    // Computed only for an error message, because there can be many epochs.
    private string EpochName => $"epochs[{_epochs.Count}]";

    /// <summary>Reads a history.</summary>
    /// <param name="stream">The JSON of the history.</param>
    /// <exception cref="JsonException">The JSON is not a history, has a later version, or has invalid values.</exception>
    public static TrainingHistory Read(Stream stream)
    {
        var reader = new HistoryReader(stream);
        reader.ReadAll();
        return new TrainingHistory
        {
            Epochs = [.. reader._epochs],
            StopReason = reader._stopReason,
            BestEpoch = reader._bestEpoch,
            Divergence = reader._divergence,
            TrainingRowCount = reader._trainingRowCount,
            ValidationRowCount = reader._validationRowCount,
            Trainer = reader._trainer,
            Options = reader._options,
            Schedule = LrSchedule.TryParse(reader._schedule, null, out var schedule) ? schedule : null,
            ScheduleText = reader._schedule,
            BiasScheduleText = reader._biasSchedule,
        };
    }

    private void ReadAll()
    {
        if (_json.Token() != JsonTokenType.StartObject) throw new JsonException("$: a history must be an object.");
        var given = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (_json.Token() == JsonTokenType.PropertyName)
        {
            var name = _json.Name();
            if (!given.Add(name)) throw new JsonException($"$: {Shown(name)} must be given once. Received: twice");
            ReadMember(name);
        }

        _json.End();
        var missing = string.Join(", ", Required.Where(name => !given.Contains(name)));
        if (missing.Length > 0) throw new JsonException($"$: a history needs {missing}");
        if (_bestEpoch is { } best && !_epochs.Exists(epoch => epoch.Epoch == best))
            throw new JsonException($"$.bestEpoch must be null or one of the epochs. Received: {best}");
    }

    private void ReadMember(string name)
    {
        switch (name.ToUpperInvariant())
        {
            case "VERSION":
                if (Value<int>(name) is not HistoryWriter.Version and var version)
                    throw new JsonException($"$.version must be {HistoryWriter.Version}. Received: {version}. A history of a later version "
                        + "needs a later LrScheduling.");
                break;
            case "TRAINER":
                _trainer = Value<string>(name) ?? throw new JsonException("$.trainer must be text. Received: null");
                break;
            case "OPTIONS":
                _options = ReadOptions();
                break;
            case "SCHEDULE":
                _schedule = Value<string?>(name);
                break;
            case "BIASSCHEDULE":
                _biasSchedule = Value<string?>(name);
                break;
            case "STOPREASON":
                _stopReason = Value<StopReason>(name);
                break;
            case "DIVERGENCE":
                _divergence = Value<string?>(name);
                break;
            case "BESTEPOCH":
                _bestEpoch = Value<int?>(name);
                break;
            case "TRAININGROWCOUNT":
                _trainingRowCount = Count(name);
                break;
            case "VALIDATIONROWCOUNT":
                _validationRowCount = Count(name);
                break;
            case "EPOCHS":
                if (_json.Token() != JsonTokenType.StartArray) throw new JsonException("$.epochs must be an array.");
                while (_json.Value(LongestEpoch) != JsonTokenType.EndArray) ReadEpoch();
                break;
            default:
                _json.Value(LongestMember);
                break;
        }
    }

    private string ReadOptions()
    {
        var kind = _json.Value(LongestMember);
        if (kind == JsonTokenType.Null) return "";
        if (kind != JsonTokenType.StartObject) throw new JsonException("$.options must be an object or null.");
        using (JsonDocument.Parse(_json.Bytes, StrictDocument)) return Encoding.UTF8.GetString(_json.Bytes.Span);
    }

    private int? Count(string name) => Value<int?>(name) is var count && count < 0
        ? throw new JsonException($"$.{name} must be at least 0 or null. Received: {count}")
        : count;

    private T? Value<T>(string name)
    {
        _json.Value(LongestMember);
        return Read<T>(name);
    }

    private T? Read<T>(string? name = null)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(_json.Bytes.Span, HistoryWriter.Options);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NotSupportedException)
        {
            throw new JsonException($"$.{Shown(name ?? EpochName)}: {e.Message}", e);
        }
    }

    private void ReadEpoch()
    {
        if (_epochs.Count == HistoryWriter.MostEpochs)
            throw new JsonException($"$.epochs must be at most {HistoryWriter.MostEpochs}. Received: more");
        _rates += Math.Max(0, _json.Numbers - OtherNumbers);
        if (_rates > HistoryWriter.MostBatchRates + OtherNumbers)
            throw new JsonException(
                $"$.{EpochName}.batchLearningRates must be at most {HistoryWriter.MostBatchRates}, all epochs together. Received: more");
        var epoch = Read<EpochRecord>() ?? throw new JsonException($"$.{EpochName} must be an object. Received: null");
        if (Fault(epoch) is var (property, rule, received))
            throw new JsonException(
                string.Create(CultureInfo.InvariantCulture, $"$.{EpochName}.{property} must {rule}. Received: {received}"));
        _epochs.Add(epoch);
    }

    private (string Property, string Rule, object? Received)? Fault(EpochRecord epoch)
    {
        var (last, groups) = _epochs is [var first, ..] ? (_epochs[^1].Epoch, first.LearningRates.Count) : (0, epoch.LearningRates.Count);
        if (epoch.Epoch <= last) return ("epoch", $"be more than {last}", epoch.Epoch);
        if (epoch.LearningRates.Count == 0 || epoch.LearningRates.Count != groups)
            return ("learningRates", "hold one rate a parameter group, at least one", Quantity.Of(epoch.LearningRates.Count, "value"));
        if (epoch.BatchLearningRates.Count % groups != 0)
            return ("batchLearningRates", $"hold {groups} a minibatch", Quantity.Of(epoch.BatchLearningRates.Count, "value"));
        foreach (var rate in epoch.LearningRates.AsSpan())
            if (!IsRate(rate)) return ("learningRates", "be in [0, ∞)", rate);
        foreach (var rate in epoch.BatchLearningRates.AsSpan())
            if (!IsRate(rate)) return ("batchLearningRates", "be in [0, ∞)", rate);
        foreach (var (metric, _) in epoch.ValidationMetrics)
            if (!Enum.IsDefined(metric)) return ("validationMetrics", "be metrics that are known", metric);
        return epoch.Duration < TimeSpan.Zero ? ("duration", "be at least 0", epoch.Duration) : null;
    }

    private static bool IsRate(double rate) => rate is >= 0 and <= double.MaxValue;

    private static string Shown(string name) => name.Length > 60 ? $"{name[..60]}…" : name;
}
