using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>
/// The journal of a sweep: a file with one line of JSON per event. Lines are appended and never changed. The first line describes the
/// sweep; each later line says that a trial has ended, or its score on a fold. While this object lives, no other process can write to the
/// file.
/// </summary>
internal sealed class SweepJournal : IDisposable
{
    // Others may read. On Linux and macOS, locks are advisory and never prevent reading, but only None keeps another writer away.
    private static readonly FileShare Share = OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    private readonly string _path;
    private readonly string _target;
    private readonly Action<string> _note;
    private readonly FileStream _file;
    private readonly Dictionary<int, JournalTrial> _trials;
    private readonly List<JournalFold> _folds;
    private JournalStudy? _study;
    private long _length;
    private bool _endsLine;

    private SweepJournal(string path, FileStream file, Action<string> note)
    {
        (_path, _file, _note, State) = (path, file, note, new SweepState(path, note));
        _target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        var contents = new JournalReader(path).Read(file);
        (_study, _trials, _folds) = (contents.Study, new(contents.Trials), [.. contents.Folds]);
        (_length, _endsLine) = (contents.Length, contents.EndsLine);
        if (_length < file.Length)
        {
            file.SetLength(_length);
            note(_study is null
                ? $"The journal {path} had no complete line. The sweep starts from the beginning."
                : $"The last line of the journal {path} was incomplete and has been removed. Its trial is trained again.");
        }

        file.Position = _length;
        JournalOwner.Write(path);
    }

    /// <summary>The trials that have ended, by number.</summary>
    public IReadOnlyDictionary<int, JournalTrial> Ended => _trials;

    /// <summary>The scores of a cross-validation.</summary>
    public IReadOnlyList<JournalFold> Folds => _folds;

    /// <summary>The file with the states of trials that have not ended.</summary>
    public SweepState State { get; }

    /// <summary>Opens and reads a journal. Creates the file and its folder if they do not exist.</summary>
    /// <param name="path">The file.</param>
    /// <param name="whenInUse">What to do if another process uses the journal.</param>
    /// <param name="note">Receives messages for the user.</param>
    /// <param name="tell">Receives a message that names the process for which the sweep waits; null for none.</param>
    /// <param name="cancellation">Ends waiting.</param>
    /// <exception cref="InvalidOperationException">Another process uses the journal, and the sweep is not to wait.</exception>
    /// <exception cref="InvalidDataException">The file is not a journal, or a line other than the last one is not valid.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static SweepJournal Open(
        string path, JournalInUse whenInUse, Action<string> note, Action<string>? tell, CancellationToken cancellation)
    {
        path = Path.GetFullPath(path);
        OwnFile.MakeFolder(path);
        for (string? owner = null; ;)
        {
            cancellation.ThrowIfCancellationRequested();
            FileStream? file = null;
            try
            {
                file = OpenFile(path);
                if (owner is not null) note($"The journal {path} was in use by {owner}. The sweep waited until it was free.");
                return new SweepJournal(path, file, note);
            }
            catch (IOException e) when (file is null && FileLock.IsLocked(e))
            {
                var now = JournalOwner.Describe(path);
                if (whenInUse == JournalInUse.Refuse)
                    throw new InvalidOperationException(
                        $"The journal {path} is in use by {now}. Wait until it ends, or set WhenJournalIsInUse to Wait.", e);
                if (now != owner) tell?.Invoke($"The journal {path} is in use by {now}. The sweep waits until it ends.");
                owner = now;
            }
            catch
            {
                file?.Dispose();
                throw;
            }

            cancellation.WaitHandle.WaitOne(BetweenTries);
        }
    }

    /// <summary>Writes the properties of the sweep, or checks that the journal has the same ones.</summary>
    /// <exception cref="InvalidOperationException">The journal belongs to another sweep. The message says what differs.</exception>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public void Begin(JournalStudy study)
    {
        if (_study is { } known && study.DifferenceFrom(known) is { } difference)
            throw new InvalidOperationException(
                $"The journal {_path} belongs to another sweep: {difference}. Choose another file, or delete it.");
        if (_study is null) Append(study.ToLine());
        _study = study;
    }

    /// <summary>Writes a trial that has ended.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="isCompared">Whether trials are compared after an epoch.</param>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public void End(JournalTrial trial, Func<int, bool> isCompared)
    {
        Append(trial.ToLine(_study!.Id, isCompared));
        _trials[trial.Number] = trial;
    }

    /// <summary>Writes the score of a trial on a fold.</summary>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public void Add(JournalFold fold)
    {
        Append(fold.ToLine(_study!.Id));
        _folds.Add(fold);
    }

    /// <summary>Reads the journal again, and adds a note if it is damaged: another program can change the middle of the file.</summary>
    public void CheckWhole()
    {
        try
        {
            CheckUnchanged();
            _file.Position = 0;
            new JournalReader(_path).Read(_file);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            _note($"The journal {_path} was changed by another program during the sweep, and no sweep can continue from it: {e.Message}");
        }
        finally
        {
            _file.Position = _length;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        JournalOwner.Delete(_path);
        _file.Dispose();
    }

    private static FileStream OpenFile(string path)
    {
        try
        {
            if (Directory.Exists(path)) throw new IOException("It is a folder.");
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, Share, bufferSize: 0);
            if (file.CanSeek && UnlockedFile.IsRegular(file.SafeFileHandle)) return file;
            file.Dispose();
            throw new IOException("It is not a regular file.");
        }
        catch (Exception e) when (
            e is UnauthorizedAccessException or NotSupportedException || (e is IOException io && !FileLock.IsLocked(io)))
        {
            throw new IOException($"The journal {path} cannot be opened: {e.Message}", e);
        }
    }

    private void Append(byte[] line)
    {
        CheckUnchanged();
        try
        {
            OwnFile.ToDisk(() => _file.Write(_endsLine ? line : [(byte)'\n', .. line]));
            _file.Flush(flushToDisk: true);
        }
        catch (IOException e)
        {
            TakeBack();
            throw new IOException($"The journal {_path} cannot be written to, and the sweep has ended. You can continue the sweep with "
                + $"the journal later. {e.Message}", e);
        }

        (_length, _endsLine) = (_file.Position, true);
        CheckUnchanged();
    }

    // On Windows, no other process can write or delete the file. Elsewhere, locks are advisory, and a device may discard what is written.
    private void CheckUnchanged()
    {
        if (OperatingSystem.IsWindows()) return;
        var there = File.Exists(_target) ? new FileInfo(_target).Length : -1;
        if (there != _length || _file.Length != _length)
            throw new IOException($"The journal {_path} was "
                + (there < 0 ? "deleted" : $"changed by another program, from {_length} bytes to {there},")
                + " during the sweep. The sweep has ended, and did not write to the file again.");
    }

    private void TakeBack()
    {
        try
        {
            _file.SetLength(_length);
            _file.Position = _length;
        }
        catch (IOException)
        {
            // The next reader recognizes an incomplete line.
        }
    }
}
