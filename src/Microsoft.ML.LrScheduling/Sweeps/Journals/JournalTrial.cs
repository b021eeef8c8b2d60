using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>A trial that has ended, as a line of a journal.</summary>
/// <param name="Number">The number of the trial.</param>
/// <param name="Hyperparameters">The hyperparameters.</param>
/// <param name="Score">The metric that trials are compared by; null if there is none.</param>
/// <param name="Failure">Why the trial could not be trained; null if it was trained.</param>
/// <param name="History">The history. It does not contain all epochs if there are many.</param>
/// <param name="Weights">The model; null if there is none.</param>
/// <param name="LeftBy">A description of the strategy and trials that stopped it early; null if it ended by itself.</param>
internal sealed record JournalTrial(
    int Number, ValueList<Hyperparameter> Hyperparameters, double? Score, string? Failure, TrainingHistory History,
    LinearWeights? Weights, string? LeftBy = null)
{
    /// <summary>The name of the event.</summary>
    public const string Event = "trial";

    /// <summary>Converts hyperparameters to JSON: numbers, or text for other values.</summary>
    public static JsonObject Values(IEnumerable<Hyperparameter> hyperparameters)
    {
        var values = new JsonObject();
        foreach (var (name, text, number) in hyperparameters) values[name] = number is { } value && double.IsFinite(value) ? value : text;
        return values;
    }

    /// <summary>Returns the line.</summary>
    /// <param name="study">The id of the study.</param>
    /// <param name="isCompared">Whether trials are compared after an epoch. Such an epoch is always written.</param>
    public byte[] ToLine(string study, Func<int, bool> isCompared) => JournalLine.Of(writer =>
    {
        var epochs = JournalHistory.Thinned(History.Epochs, History.BestEpoch, isCompared);
        writer.WriteString("event", Event);
        writer.WriteString("study", study);
        writer.WriteNumber("trial", Number);
        writer.WritePropertyName("hyperparameters");
        Values(Hyperparameters).WriteTo(writer);
        JournalNumber.Write(writer, "score", Score);
        writer.WriteString("stopReason", JournalName.Of(History.StopReason));
        if (LeftBy is not null) writer.WriteString("leftBy", LeftBy);
        writer.WriteString("failure", Failure);
        if (History.Divergence is { } divergence) writer.WriteString("divergence", divergence);
        writer.WriteNumber("epochs", EpochCount);
        JournalNumber.Write(writer, "bestEpoch", History.BestEpoch);
        JournalNumber.Write(writer, "trainingRows", History.TrainingRowCount);
        JournalNumber.Write(writer, "validationRows", History.ValidationRowCount);
        writer.WritePropertyName("options");
        if (History.Options.Length > 0) writer.WriteRawValue(History.Options, skipInputValidation: true);
        else writer.WriteNullValue();
        writer.WriteString("schedule", History.ScheduleText);
        if (History.BiasScheduleText is { } biasSchedule) writer.WriteString("biasSchedule", biasSchedule);
        JournalHistory.Write(writer, "history", epochs);
        JournalHistory.WriteBatchRates(writer, "batchRates", epochs);
        if (Weights is null) writer.WriteNull("weights");
        else writer.WriteBase64String("weights", TrainingState.Bytes(Weights.Save).AsSpan());
    });

    /// <summary>The number of epochs that were trained.</summary>
    public int EpochCount => History.Epochs is [.., { Epoch: var last }] ? last : 0;

    /// <summary>Reads the options; null if there are none, or if the trial failed and its options are not valid.</summary>
    /// <exception cref="JsonException">The options are not valid, although the trial did not fail.</exception>
    public LinearTrainerOptions? OptionsOf()
    {
        if (History.Options.Length == 0) return null;
        try
        {
            return History.Trainer switch
            {
                nameof(TorchLinearRegressionTrainer) => OptionsJson.Read<TorchLinearRegressionTrainer.Options>(History.Options),
                nameof(TorchLogisticRegressionTrainer) => OptionsJson.Read<TorchLogisticRegressionTrainer.Options>(History.Options),
                nameof(TorchMaximumEntropyTrainer) => OptionsJson.Read<TorchMaximumEntropyTrainer.Options>(History.Options),
                var other => throw new InvalidDataException($"it has an unknown trainer. Received: {other}."),
            };
        }
        catch (JsonException) when (Failure is not null)
        {
            return null;
        }
    }

    /// <summary>Whether this trial may replace an earlier one with the same number, which another strategy had stopped early.</summary>
    public bool Replaces(JournalTrial before) =>
        before.History.StopReason == StopReason.Pruned
        && (History.StopReason != StopReason.Pruned || LeftBy != before.LeftBy);

    /// <summary>Checks that the score follows from the history.</summary>
    /// <param name="metric">The metric that trials are compared by.</param>
    /// <exception cref="InvalidDataException">The score does not follow from the history.</exception>
    public void CheckScore(Metric metric)
    {
        var expected = Weights is null ? null : ExpectedScore(metric);
        if (Score != expected)
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"its score must be its {metric}, {expected?.ToString("R", CultureInfo.InvariantCulture) ?? "null"}. Received: "
                + $"{Score?.ToString("R", CultureInfo.InvariantCulture) ?? "null"}."));
    }

    /// <summary>Returns the score that follows from the history, for a trial with a model.</summary>
    /// <param name="metric">The metric that trials are compared by.</param>
    public double? ExpectedScore(Metric metric) =>
        TrialScore.After(History.Epochs, IsBestRestored() ? History.BestEpoch : null, metric);

    private bool IsBestRestored()
    {
        if (History.Options.Length == 0) return false;
        using var options = JsonDocument.Parse(History.Options, ScheduleJson.Document);
        return options.RootElement.TryGetProperty(OptionsJson.NameOf(nameof(LinearTrainerOptions.EarlyStopping)), out var stopping)
            && stopping.ValueKind == JsonValueKind.Object
            && !(stopping.TryGetProperty(OptionsJson.NameOf(nameof(EarlyStopping.RestoreBestWeights)), out var restores)
                && restores.ValueKind == JsonValueKind.False);
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="trainer">The type of the trainer.</param>
    /// <exception cref="InvalidDataException">A value is not valid.</exception>
    public static JournalTrial Read(JsonElement line, string trainer)
    {
        var options = line.GetProperty("options");
        var schedule = line.GetProperty("schedule").GetString();
        var trial = new JournalTrial(
            line.GetProperty("trial").GetInt32(),
            [.. line.GetProperty("hyperparameters").EnumerateObject().Select(property => Drawn(property.Name, property.Value))],
            JournalNumber.Read(line.GetProperty("score")),
            line.GetProperty("failure").GetString(),
            new TrainingHistory
            {
                Epochs = JournalHistory.Read(
                    line.GetProperty("history"), line.TryGetProperty("batchRates", out var rates) ? rates : null),
                StopReason = JournalName.Parse<StopReason>(line.GetProperty("stopReason").GetString()),
                BestEpoch = IntegerOf(line.GetProperty("bestEpoch")),
                Divergence = line.TryGetProperty("divergence", out var divergence) ? divergence.GetString() : null,
                TrainingRowCount = line.TryGetProperty("trainingRows", out var rows) ? IntegerOf(rows) : null,
                ValidationRowCount = line.TryGetProperty("validationRows", out var validationRows) ? IntegerOf(validationRows) : null,
                Trainer = trainer,
                Options = options.ValueKind switch
                {
                    JsonValueKind.Null => "",
                    JsonValueKind.Object => options.GetRawText(),
                    var kind => throw new InvalidDataException($"its options must be an object. Received: {kind}."),
                },
                Schedule = LrSchedule.TryParse(schedule, CultureInfo.InvariantCulture, out var parsed) ? parsed : null,
                ScheduleText = schedule,
                BiasScheduleText = line.TryGetProperty("biasSchedule", out var biasSchedule) ? biasSchedule.GetString() : null,
            },
            line.GetProperty("weights") is { ValueKind: not JsonValueKind.Null } weights ? WeightsOf(weights.GetBytesFromBase64()) : null,
            line.TryGetProperty("leftBy", out var leftBy) ? leftBy.GetString() : null);
        if (Fault(trial, line.GetProperty("epochs").GetInt32()) is { } fault) throw new InvalidDataException(fault);
        return trial;
    }

    private static int? IntegerOf(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetInt32();

    private static string? Fault(JournalTrial trial, int epochs) => trial switch
    {
        { Number: < 0 } => "the number of its trial is negative.",
        { History: { TrainingRowCount: < 0 } or { ValidationRowCount: < 0 } } => "the number of its rows is negative.",
        _ when trial.EpochCount != epochs => $"it must have {epochs} epochs. Received: {trial.EpochCount}.",
        { History.BestEpoch: { } best }
            when !trial.History.Epochs.Any(epoch => epoch.Epoch == best) => $"it has no epoch {best}, its best.",
        { Score: { } score } when trial.Weights is null || !double.IsFinite(score) => "its score needs finite weights and must be finite.",
        { Weights.IsFinite: false } => "its weights must be finite.",
        _ when (trial.Failure is not null) != (trial.History.StopReason == StopReason.Failed) => "its stop reason is wrong.",
        { History: { Divergence: not null, StopReason: not StopReason.Diverged } } => "its stop reason is wrong.",
        _ => null,
    };

    /// <summary>Reads a hyperparameter.</summary>
    /// <exception cref="InvalidDataException">The value is neither a number nor text.</exception>
    public static Hyperparameter Drawn(string name, JsonElement value) => value.ValueKind == JsonValueKind.Number
        ? new Hyperparameter(name, value.GetDouble().ToString("R", CultureInfo.InvariantCulture), value.GetDouble())
        : new Hyperparameter(name, value.GetString() ?? throw new InvalidDataException($"its {name} must be a number or a text."), null);

    private static LinearWeights WeightsOf(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var (weights, biases) = (reader.ReadInt32(), reader.ReadInt32());
        reader.BaseStream.Position = 0;
        // The length is checked before memory is allocated.
        return weights >= 0 && biases > 0 && weights % biases == 0
            && bytes.Length == (2L + weights + biases) * sizeof(float)
            ? LinearWeights.Load(reader, new LinearWeights(new float[weights], new float[biases]))
            : throw new InvalidDataException("the number of its weights is wrong.");
    }
}
