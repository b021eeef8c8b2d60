using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>The checkpoints of one training: finds the newest good one, writes new ones, deletes old ones.</summary>
/// <param name="checkpoints">Where and when.</param>
/// <param name="identity">What they belong to.</param>
/// <param name="refuse">Says why training cannot go on from a state; null where it can.</param>
/// <param name="inform">Told where training goes on from.</param>
/// <param name="warn">Told of checkpoints that are damaged.</param>
internal sealed partial class CheckpointFolder(
    Checkpoints checkpoints, TrainingIdentity identity, Func<TrainingState, string?> refuse, Action<string> inform, Action<string> warn)
    : IDisposable
{
    private const string Extension = ".lrscheckpoint";
    private const string LockName = "lrscheduling.lock";

    // Wherever the process goes meanwhile.
    private readonly string _folder = Path.GetFullPath(checkpoints.Folder);

    // A damaged file is the user's to look at; it does not count, and is not deleted.
    private readonly HashSet<string> _damaged = [];
    private FileLock? _lock;
    private string? _firstDamage;
    private long _lastTime = Environment.TickCount64;

    // What is of a later moment than training has come to is not of this training: it neither counts nor is it deleted.
    private (int Epoch, int Step) _newest = (-1, 0);

    /// <summary>What the checkpoints belong to.</summary>
    public TrainingIdentity Identity => identity;

    /// <summary>Makes the folder, takes it for this training, and sees whether it can be written to.</summary>
    /// <exception cref="IOException">It cannot be, or another training is using it.</exception>
    public void Prepare()
    {
        try
        {
            Directory.CreateDirectory(_folder);
            _lock = FileLock.TryTake(Path.Combine(_folder, LockName));
            if (_lock is not null) TryToWrite();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            _lock?.Dispose();
            throw new IOException(
                $"The folder of checkpoints '{_folder}' cannot be written to, and training has not begun: {e.Message}", e);
        }

        if (_lock is null)
            throw new IOException(
                $"The folder of checkpoints '{_folder}' is in use by another training of this or another process, and "
                + "training has not begun. Wait until the other training has ended, or choose another folder.");
    }

    /// <summary>The newest checkpoint that is not damaged; null where there is none at all.</summary>
    /// <exception cref="InvalidDataException">There are checkpoints, and all are damaged.</exception>
    /// <exception cref="InvalidOperationException">It is one that training cannot go on from.</exception>
    public TrainingState? FindNewest()
    {
        foreach (var (file, moment) in Files().Reverse().Where(own => !_damaged.Contains(own.File)))
        {
            try
            {
                var state = Read(file);
                if ((state.Epoch, state.Step) != moment) throw new InvalidDataException($"it contains the checkpoint {NameOf(state)}.");
                if (refuse(state) is { } reason) throw new InvalidOperationException(reason);
                _newest = moment;
                return state;
            }
            catch (InvalidDataException e)
            {
                Reject(file, e.Message);
            }
        }

        return _firstDamage is null
            ? null
            : throw new InvalidDataException(
                $"None of the checkpoints in '{_folder}' can be used. {_firstDamage} Delete them to start again.");
    }

    /// <summary>Leaves out a state that turned out to say what cannot be.</summary>
    /// <param name="state">The state.</param>
    /// <param name="why">What is wrong with it.</param>
    public void Reject(TrainingState state, string why) => Reject(Path.Combine(_folder, NameOf(state)), why);

    /// <summary>Says where training goes on from.</summary>
    /// <param name="state">Where it stood.</param>
    /// <param name="ended">Why it ended there; null where it goes on.</param>
    public void TellOf(TrainingState state, StopReason? ended) => inform(ended is { } reason
        ? $"Training had already ended ({reason}). The model is that of checkpoint {NameOf(state)} in '{_folder}'."
        : string.Create(
            CultureInfo.InvariantCulture,
            $"Training continues from checkpoint {NameOf(state)} in '{_folder}', in epoch {state.Epoch + 1}."));

    /// <summary>Deletes the checkpoints of training that has diverged and begins again.</summary>
    /// <exception cref="IOException">Another training has taken the folder.</exception>
    public void Clear()
    {
        RefuseWhereTaken();
        foreach (var file in Own()) OwnFile.TryDelete(file);
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
        var file = Path.Combine(_folder, name);
        RefuseWhereTaken();
        try
        {
            OwnFile.Write(file, stream => stream.Write(CheckpointFile.Write(state)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"Checkpoint {name} cannot be written to '{_folder}'. The earlier checkpoints are not changed. {e.Message}", e);
        }

        _damaged.Remove(file);
        _lastTime = Environment.TickCount64;
        _newest = (state.Epoch, state.Step);
        foreach (var old in Own().SkipLast(checkpoints.Keep)) OwnFile.TryDelete(old);
    }

    /// <summary>Leaves the folder to others.</summary>
    public void Dispose() => _lock?.Dispose();

    private void RefuseWhereTaken()
    {
        if (_lock is null or { IsHeld: true }) return;
        throw new IOException(Directory.Exists(_folder)
            ? $"Training cannot continue: the folder '{_folder}' or the lock in it was deleted, so that another training can use the "
                + "folder. The files in the folder are not changed."
            : $"Training cannot continue: the folder '{_folder}' was deleted, with the checkpoints in it.");
    }

    private void TryToWrite()
    {
        // What a process that was killed was about to write.
        foreach (var file in Directory.GetFiles(_folder, $"*{Extension}.*{OwnFile.Temporary}"))
            if (TemporaryName().IsMatch(Path.GetFileName(file)))
                File.Delete(file);
        var probe = OwnFile.TemporaryFor(Path.Combine(_folder, NameOf(0, 0)));
        try
        {
            using var file = new FileStream(probe, FileMode.CreateNew);
            file.WriteByte(1);
        }
        finally
        {
            OwnFile.TryDelete(probe);
        }
    }

    private static TrainingState Read(string file)
    {
        try
        {
            using var stream = UnlockedFile.OpenRead(file);
            return CheckpointFile.Read(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"it cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private void Reject(string file, string why)
    {
        var reason = $"Checkpoint {Path.GetFileName(file)} cannot be used: {why}";
        _firstDamage ??= reason;
        _damaged.Add(file);
        warn($"{reason} The previous checkpoint is tried.");
    }

    private static string NameOf(TrainingState state) => NameOf(state.Epoch, state.Step);

    private static string NameOf(int epoch, int step) => string.Create(CultureInfo.InvariantCulture, $"{epoch:D8}-{step:D10}{Extension}");

    /// <summary>The files that are named as a checkpoint is, by the moments that they are named after: others are the user's.</summary>
    private IEnumerable<(string File, (int Epoch, int Step) Moment)> Files() =>
        from file in Directory.GetFiles(_folder, $"*{Extension}")
        let moment = MomentOf(Path.GetFileName(file))
        where moment is not null
        orderby moment
        select (file, moment.Value);

    private static (int Epoch, int Step)? MomentOf(string name) =>
        CheckpointName().Match(name) is { Success: true, Groups: var groups }
            && int.TryParse(groups["epoch"].ValueSpan, CultureInfo.InvariantCulture, out var epoch)
            && int.TryParse(groups["step"].ValueSpan, CultureInfo.InvariantCulture, out var step)
            && NameOf(epoch, step) == name
            ? (epoch, step) : null;

    /// <summary>The checkpoints of this training, from the oldest on.</summary>
    private string[] Own() =>
        [.. Files().Where(own => own.Moment.CompareTo(_newest) <= 0 && !_damaged.Contains(own.File)).Select(own => own.File)];

    [GeneratedRegex(@"^(?<epoch>[0-9]{8,10})-(?<step>[0-9]{10})\.lrscheckpoint$", RegexOptions.CultureInvariant)]
    private static partial Regex CheckpointName();

    [GeneratedRegex(@"^[0-9]{8,10}-[0-9]{10}\.lrscheckpoint\.[0-9a-f]{32}\.tmp$", RegexOptions.CultureInvariant)]
    private static partial Regex TemporaryName();
}
