using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// The journal of a sweep: a line of JSON an event, of which none is ever changed. The first says what the sweep is about, each further
/// one that a trial has ended. While this object lives no other process writes to the file.
/// </summary>
internal sealed class SweepJournal : IDisposable
{
    private const int Version = 1;
    private const string StateExtension = ".state";

    private static readonly JsonSerializerOptions Settings = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Others may read. Where locks are advisory, as on Linux and macOS, they may in any case, and only None keeps another writer away.
    private static readonly FileShare Share = OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None;

    private readonly string _path;
    private readonly FileStream _file;
    private readonly List<JsonObject> _folds = [];

    private SweepJournal(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary>What the sweep is about; null as long as nothing has been written.</summary>
    public JsonObject? Study { get; private set; }

    /// <summary>The trials that have ended, by their number.</summary>
    public Dictionary<int, JsonObject> Ended { get; } = [];

    /// <summary>What a user should know.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Opens a journal, and reads what it has.</summary>
    /// <param name="path">The file.</param>
    /// <param name="whenInUse">What to do while another process has it.</param>
    /// <param name="cancellation">Ends waiting.</param>
    /// <exception cref="InvalidOperationException">Another process is using it, and it is not to be waited for.</exception>
    /// <exception cref="InvalidDataException">A line, not the last one, is no event.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static SweepJournal Open(string path, JournalInUse whenInUse, CancellationToken cancellation)
    {
        var waited = false;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var journal = new SweepJournal(path, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, Share));
                if (waited) journal.Notes.Add($"The journal {path} was in use by another process, and was waited for.");
                try
                {
                    journal.Read();
                    return journal;
                }
                catch
                {
                    journal.Dispose();
                    throw;
                }
            }
            catch (IOException e)
                when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException) && File.Exists(path))
            {
                if (whenInUse == JournalInUse.Refuse)
                    throw new InvalidOperationException($"The journal {path} is in use by another process. Wait until it ends, or set "
                        + $"WhenJournalIsInUse to Wait. {e.Message}", e);
                waited = true;
                cancellation.WaitHandle.WaitOne(100);
            }
        }
    }

    /// <summary>Writes what the sweep is about, or refuses to go on with another.</summary>
    /// <exception cref="InvalidOperationException">The journal is of another sweep; the message says what differs.</exception>
    public void Begin(string trainer, string metric, string rows, string rowsHash)
    {
        var study = new JsonObject
        {
            ["event"] = "study",
            ["version"] = Version,
            ["trainer"] = trainer,
            ["metric"] = metric,
            ["rows"] = rows,
            ["rowsHash"] = rowsHash,
        };
        if (Study is null)
        {
            Study = study;
            Append(study);
            return;
        }

        foreach (var (name, value) in study)
            if (!JsonNode.DeepEquals(value, Study[name]))
                throw new InvalidOperationException(
                    $"The journal {_path} is of another sweep: {name} was {Study[name]?.ToJsonString() ?? "not there"} and is "
                    + $"{value?.ToJsonString()}. Choose another file, or delete it.");
    }

    /// <summary>Writes that a trial has ended.</summary>
    public void End(int trial, IReadOnlyList<Hyperparameter> hyperparameters, string options, double? score, TrainingHistory history,
        LinearWeights? weights)
    {
        var ended = new JsonObject
        {
            ["event"] = "trial",
            ["trial"] = trial,
            ["hyperparameters"] = Values(hyperparameters),
            ["score"] = score,
            ["stopReason"] = OptionsJson.NameOf($"{history.StopReason}"),
            ["epochs"] = history.Epochs.Count,
            ["options"] = JsonNode.Parse(options),
            ["history"] = JsonNode.Parse(history.ToJson()),
            ["weights"] = weights is null ? null : Convert.ToBase64String(TrainingState.Bytes(weights.Save).AsSpan()),
        };
        Ended.Add(trial, ended);
        Append(ended);
    }

    /// <summary>Writes how a trial did on a part of the rows that it had not seen.</summary>
    /// <param name="split">What the parts are.</param>
    /// <param name="trial">The trial.</param>
    /// <param name="fold">The part, from 0.</param>
    /// <param name="score">The metric; null where there is none.</param>
    public void Fold(string split, int trial, int fold, double? score)
    {
        var line = new JsonObject { ["event"] = "fold", ["split"] = split, ["trial"] = trial, ["fold"] = fold, ["score"] = score };
        _folds.Add(line);
        Append(line);
    }

    /// <summary>How trials did on the parts of a split.</summary>
    public IEnumerable<(int Trial, int Fold, double? Score)> FoldsOf(string split) =>
        from line in _folds
        where line["split"]!.GetValue<string>() == split
        select (line["trial"]!.GetValue<int>(), line["fold"]!.GetValue<int>(), line["score"]?.GetValue<double>());

    /// <summary>Hyperparameters as JSON: numbers as such, others as text.</summary>
    public static JsonObject Values(IReadOnlyList<Hyperparameter> hyperparameters)
    {
        var values = new JsonObject();
        foreach (var (name, text, number) in hyperparameters) values[name] = number is { } value && double.IsFinite(value) ? value : text;
        return values;
    }

    /// <summary>Keeps where trials stand that have not ended, in place of what was kept before.</summary>
    public void SaveState(IReadOnlyList<(int Trial, TrainingState State)> trials)
    {
        var temporary = _path + StateExtension + ".tmp";
        using (var writer = new BinaryWriter(new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None)))
        {
            writer.Write(trials.Count);
            foreach (var (trial, state) in trials)
            {
                var bytes = CheckpointFile.Write(state);
                writer.Write(trial);
                writer.Write(bytes.Length);
                writer.Write(bytes);
            }
        }

        File.Move(temporary, _path + StateExtension, overwrite: true);
    }

    /// <summary>
    /// Where trials stand; empty where nothing was kept, or it cannot be read: they then begin anew, which gives the same.
    /// </summary>
    public Dictionary<int, TrainingState> LoadState()
    {
        var states = new Dictionary<int, TrainingState>();
        if (!File.Exists(_path + StateExtension)) return states;
        try
        {
            using var reader = new BinaryReader(File.OpenRead(_path + StateExtension));
            for (var left = reader.ReadInt32(); left > 0; left--)
            {
                var trial = reader.ReadInt32();
                states[trial] = CheckpointFile.Read(reader.ReadBytes(reader.ReadInt32()));
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ArgumentException or OutOfMemoryException)
        {
            Notes.Add($"{_path}{StateExtension} cannot be used, and the trials that it was about begin anew: {e.Message}");
            states.Clear();
        }

        return states;
    }

    /// <summary>Deletes what was kept of trials that had not ended.</summary>
    public void DeleteState() => File.Delete(_path + StateExtension);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Read()
    {
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        var good = 0;
        for (var (start, line) = (0, 1); start < bytes.Length; line++)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', start);
            var isLast = end < 0 || end == bytes.Length - 1;
            var node = end < 0 ? null : Parse(bytes.AsSpan(start, end - start));
            if (node is null)
            {
                // A process that was killed, or a machine that went off, may have cut the last line.
                if (!isLast)
                    throw new InvalidDataException($"Line {line} of the journal {_path} is no event. Repair it, or choose another file.");
                Notes.Add($"The last line of the journal {_path} had been cut, and was taken out; what it told of is trained again.");
                break;
            }

            Take(node, line);
            good = end + 1;
            start = good;
        }

        if (good < bytes.Length) _file.SetLength(good);
        _file.Position = good;
    }

    private void Take(JsonObject node, int line)
    {
        try
        {
            switch (node["event"]!.GetValue<string>())
            {
                case "study":
                    Study = node;
                    break;
                case "trial":
                    if (!Ended.TryAdd(node["trial"]!.GetValue<int>(), node))
                        throw new InvalidDataException($"Line {line} of the journal {_path} tells of a trial that had ended before.");
                    break;
                case "fold":
                    _ = (node["split"]!.GetValue<string>(), node["trial"]!.GetValue<int>(), node["fold"]!.GetValue<int>(),
                        node["score"]?.GetValue<double>());
                    _folds.Add(node);
                    break;
                case var other:
                    throw new InvalidDataException(
                        $"Line {line} of the journal {_path} is of an event that is not known here. Received: {other}");
            }
        }
        catch (Exception e) when (e is NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"Line {line} of the journal {_path} is no event: {e.Message}", e);
        }
    }

    private static JsonObject? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Append(JsonObject line)
    {
        _file.Write(Encoding.UTF8.GetBytes(line.ToJsonString(Settings) + "\n"));
        _file.Flush(flushToDisk: true);
    }
}
