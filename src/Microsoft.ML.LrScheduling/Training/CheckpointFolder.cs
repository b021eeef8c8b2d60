using System.Globalization;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>The checkpoints of one training: finds the newest good one, writes new ones, deletes old ones.</summary>
/// <param name="checkpoints">Where and when.</param>
/// <param name="identity">What they belong to.</param>
/// <param name="refuse">Says why training cannot go on from a state; null where it can.</param>
/// <param name="inform">Told where training goes on from.</param>
/// <param name="warn">Told of checkpoints that are damaged.</param>
internal sealed class CheckpointFolder(
    Checkpoints checkpoints, TrainingIdentity identity, Func<TrainingState, string?> refuse, Action<string> inform, Action<string> warn)
    : IDisposable
{
    private const string Extension = ".lrscheckpoint";
    private const string Temporary = ".tmp";
    private const string LockName = "lrscheduling.lock";

    // A damaged file is the user's to look at; it does not count, and is not deleted.
    private readonly HashSet<string> _damaged = [];
    private FileLock? _lock;
    private string? _firstDamage;
    private long _lastTime = Environment.TickCount64;

    /// <summary>What the checkpoints belong to.</summary>
    public TrainingIdentity Identity => identity;

    /// <summary>Makes the folder, takes it for this training, and sees whether it can be written to.</summary>
    /// <exception cref="IOException">It cannot be, or another training is using it.</exception>
    public void Prepare()
    {
        try
        {
            Directory.CreateDirectory(checkpoints.Folder);
            _lock = FileLock.TryTake(Path.Combine(checkpoints.Folder, LockName));
            if (_lock is not null) TryToWrite();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            _lock?.Dispose();
            throw new IOException(
                $"The folder of checkpoints '{checkpoints.Folder}' cannot be written to, and training has not begun: {e.Message}", e);
        }

        if (_lock is null)
            throw new IOException(
                $"The folder of checkpoints '{checkpoints.Folder}' is in use by another training, of this process or of another, and "
                + "training has not begun. Wait until that one has ended, or choose another folder.");
    }

    /// <summary>The newest checkpoint that is not damaged; null where there is none at all.</summary>
    /// <exception cref="InvalidDataException">There are checkpoints, and all are damaged.</exception>
    /// <exception cref="InvalidOperationException">It is one that training cannot go on from.</exception>
    public TrainingState? FindNewest()
    {
        foreach (var file in Files().Reverse().Where(file => !_damaged.Contains(file)))
        {
            try
            {
                var state = CheckpointFile.Read(Bytes(file));
                if (NameOf(state) != Path.GetFileName(file)) throw new InvalidDataException($"it is that of {NameOf(state)}.");
                return refuse(state) is { } reason ? throw new InvalidOperationException(reason) : state;
            }
            catch (InvalidDataException e)
            {
                Reject(file, e.Message);
            }
        }

        return _firstDamage is null
            ? null
            : throw new InvalidDataException(
                $"None of the checkpoints in '{checkpoints.Folder}' can be used. {_firstDamage} Delete them to begin anew.");
    }

    /// <summary>Leaves out a state that turned out to say what cannot be.</summary>
    /// <param name="state">The state.</param>
    /// <param name="why">What is wrong with it.</param>
    public void Reject(TrainingState state, string why) => Reject(Path.Combine(checkpoints.Folder, NameOf(state)), why);

    /// <summary>Says where training goes on from.</summary>
    /// <param name="state">Where it stood.</param>
    /// <param name="ended">Why it ended there; null where it goes on.</param>
    public void TellOf(TrainingState state, StopReason? ended) => inform(ended is { } reason
        ? $"Training has ended before ({reason}): the model is that of checkpoint {NameOf(state)} in '{checkpoints.Folder}'."
        : string.Create(
            CultureInfo.InvariantCulture,
            $"Training goes on from checkpoint {NameOf(state)} in '{checkpoints.Folder}', in epoch {state.Epoch + 1}."));

    /// <summary>Deletes the checkpoints of training that has diverged and begins again.</summary>
    public void Clear()
    {
        foreach (var file in Files().Where(file => !_damaged.Contains(file))) TryDelete(file);
    }

    /// <summary>Whether one is due after an epoch.</summary>
    /// <param name="epochs">The epochs that have ended.</param>
    public bool IsDueAfterEpoch(int epochs) => (checkpoints.EveryEpochs is { } every && epochs % every == 0) || IsDue;

    /// <summary>Whether one is due by time.</summary>
    public bool IsDue => checkpoints.Every is { } every && Environment.TickCount64 - _lastTime >= every.TotalMilliseconds;

    /// <summary>Writes a checkpoint; then deletes those that are too old to be kept.</summary>
    /// <exception cref="IOException">It cannot be written; those before it are as they were.</exception>
    public void Save(TrainingState state)
    {
        var name = NameOf(state);
        var file = Path.Combine(checkpoints.Folder, name);
        var temporary = file + Temporary;
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                stream.Write(CheckpointFile.Write(state));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw new IOException(
                Directory.Exists(checkpoints.Folder)
                    ? $"Checkpoint {name} cannot be written to '{checkpoints.Folder}'; those before it are as they were: {e.Message}"
                    : $"Checkpoint {name} cannot be written: the folder '{checkpoints.Folder}' is gone, with the checkpoints in it.", e);
        }

        _damaged.Remove(file);
        _lastTime = Environment.TickCount64;
        // What is named after a later moment than this is not of this training: it neither counts nor is it deleted.
        var own = Files().Where(other => !_damaged.Contains(other) && string.CompareOrdinal(Path.GetFileName(other), name) <= 0);
        foreach (var old in own.SkipLast(checkpoints.Keep)) TryDelete(old);
    }

    /// <summary>Leaves the folder to others.</summary>
    public void Dispose() => _lock?.Dispose();

    private void TryToWrite()
    {
        // What a process that was killed was about to write.
        foreach (var file in Directory.GetFiles(checkpoints.Folder, $"*{Extension}{Temporary}")) File.Delete(file);
        var probe = Path.Combine(checkpoints.Folder, $"probe{Extension}{Temporary}");
        File.WriteAllBytes(probe, [1]);
        File.Delete(probe);
    }

    private static byte[] Bytes(string file)
    {
        try
        {
            var length = new FileInfo(file).Length;
            return length <= Array.MaxLength
                ? File.ReadAllBytes(file)
                : throw new InvalidDataException($"it has {length} bytes, which are more than a checkpoint can have.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"it cannot be read: {e.Message}", e);
        }
    }

    private void Reject(string file, string why)
    {
        var reason = $"Checkpoint {Path.GetFileName(file)} cannot be used: {why}";
        _firstDamage ??= reason;
        _damaged.Add(file);
        warn($"{reason} The one before it is tried.");
    }

    private static string NameOf(TrainingState state) =>
        string.Create(CultureInfo.InvariantCulture, $"{state.Epoch:D8}-{state.Step:D10}{Extension}");

    private string[] Files() => [.. Directory.GetFiles(checkpoints.Folder, $"*{Extension}").Order(StringComparer.Ordinal)];

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // One too many does no harm.
        }
    }
}
