using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The folder with the checkpoints of one training. It finds the newest valid checkpoint, writes new ones and deletes old ones.
/// </summary>
/// <param name="checkpoints">The folder, and when checkpoints are written.</param>
/// <param name="identity">The settings and rows that the checkpoints belong to.</param>
/// <param name="refuse">Returns why training cannot resume from a state; null if it can.</param>
/// <param name="inform">Receives the message that says where training resumes.</param>
/// <param name="warn">Receives a message for each checkpoint that cannot be used.</param>
internal sealed partial class CheckpointFolder(
    Checkpoints checkpoints, TrainingIdentity identity, Func<TrainingState, string?> refuse, Action<string> inform, Action<string> warn)
    : IDisposable
{
    private const string Extension = ".lrscheckpoint";
    private const string LockName = "lrscheduling.lock";

    // An absolute path, because the process can change its current directory.
    private readonly string _folder = Path.GetFullPath(checkpoints.Folder);

    // Damaged files are not deleted, so that the user can examine them, and they do not count as checkpoints to keep.
    private readonly HashSet<string> _damaged = [];
    private FileLock? _lock;
    private string? _firstDamage;
    private long _lastTime = Environment.TickCount64;

    // Files of a later moment than the current one do not belong to this training. They do not count, and are not deleted.
    private (int Epoch, int Step) _newest = (-1, 0);

    /// <summary>The settings and rows that the checkpoints belong to.</summary>
    public TrainingIdentity Identity => identity;

    /// <summary>Creates the folder, locks it for this training, and checks that it can be written to.</summary>
    /// <exception cref="IOException">The folder cannot be written to, or another training uses it.</exception>
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

    /// <summary>Returns the newest valid checkpoint; null if there are no checkpoints.</summary>
    /// <exception cref="InvalidDataException">There are checkpoints, and all are damaged.</exception>
    /// <exception cref="InvalidOperationException">Training cannot resume from the newest valid checkpoint.</exception>
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

    /// <summary>Skips a state whose content turned out to be invalid.</summary>
    /// <param name="state">The state.</param>
    /// <param name="why">What is wrong with it.</param>
    public void Reject(TrainingState state, string why) => Reject(Path.Combine(_folder, NameOf(state)), why);

    /// <summary>Reports where training resumes.</summary>
    /// <param name="state">The state from which it resumes.</param>
    /// <param name="ended">Why training had ended in that state; null if it had not.</param>
    public void TellOf(TrainingState state, StopReason? ended) => inform(ended is { } reason
        ? $"Training had already ended ({reason}). The model is that of checkpoint {NameOf(state)} in '{_folder}'."
        : string.Create(
            CultureInfo.InvariantCulture,
            $"Training continues from checkpoint {NameOf(state)} in '{_folder}', in epoch {state.Epoch + 1}."));

    /// <summary>Deletes the checkpoints of a training that diverged and starts again.</summary>
    /// <exception cref="IOException">Another training can use the folder.</exception>
    public void Clear()
    {
        RefuseWhereTaken();
        foreach (var file in Own()) OwnFile.TryDelete(file);
    }

    /// <summary>Whether a checkpoint is due after an epoch.</summary>
    /// <param name="epochs">The number of epochs that have ended.</param>
    public bool IsDueAfterEpoch(int epochs) => (checkpoints.EveryEpochs is { } every && epochs % every == 0) || IsDue;

    /// <summary>Whether a checkpoint is due because of the time since the last one.</summary>
    public bool IsDue => checkpoints.Every is { } every && Environment.TickCount64 - _lastTime >= every.TotalMilliseconds;

    /// <summary>Writes a checkpoint, and then deletes old ones, so that only the newest are kept.</summary>
    /// <exception cref="IOException">The checkpoint cannot be written. The earlier ones are not changed.</exception>
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

    /// <summary>Releases the lock of the folder.</summary>
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
        // Files that are incomplete because their process was killed.
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

    /// <summary>
    /// The files with the name of a checkpoint, and the moment in the name, in ascending order. Other files are the user's.
    /// </summary>
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

    /// <summary>The valid checkpoints of this training, the oldest first.</summary>
    private string[] Own() =>
        [.. Files().Where(own => own.Moment.CompareTo(_newest) <= 0 && !_damaged.Contains(own.File)).Select(own => own.File)];

    [GeneratedRegex(@"^(?<epoch>[0-9]{8,10})-(?<step>[0-9]{10})\.lrscheckpoint$", RegexOptions.CultureInvariant)]
    private static partial Regex CheckpointName();

    [GeneratedRegex(@"^[0-9]{8,10}-[0-9]{10}\.lrscheckpoint\.[0-9a-f]{32}\.tmp$", RegexOptions.CultureInvariant)]
    private static partial Regex TemporaryName();
}
