using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>
/// Where trials stand that have not ended: a file beside a journal, written anew again and again. It saves work and nothing else: a sweep
/// that cannot write or read it goes on, and says so.
/// </summary>
/// <param name="journal">The journal.</param>
/// <param name="note">Told of what a user should know.</param>
internal sealed class SweepState(string journal, Action<string> note)
{
    private readonly string _path = journal + ".state";
    private bool _isNoted;

    private static ReadOnlySpan<byte> Mark => "LRSSTATE"u8;

    private string Temporary => _path + ".tmp";

    /// <summary>Keeps where trials stand, in place of what was kept before.</summary>
    public void Save(IReadOnlyList<(int Trial, TrainingState State)> trials)
    {
        try
        {
            if (!OwnFile.MayBeReplaced(_path, Mark) || !OwnFile.MayBeReplaced(Temporary, Mark))
                throw new IOException("A file of this name already exists, and does not belong to a sweep.");
            try
            {
                OwnFile.ToDisk(() => Write(trials));
                File.Move(Temporary, _path, overwrite: true);
            }
            catch
            {
                File.Delete(Temporary);
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_isNoted)
                note($"{_path} cannot be written. After an interruption, running trials would start from the beginning: {e.Message}");
            _isNoted = true;
        }
    }

    /// <summary>Where trials stand; empty where nothing was kept, or it cannot be read: they then begin anew.</summary>
    public Dictionary<int, TrainingState> Load()
    {
        if (!File.Exists(_path)) return [];
        try
        {
            using var file = UnlockedFile.OpenRead(_path);
            return Read(file);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException)
        {
            note($"{_path} cannot be used. Its trials start from the beginning: {e.Message}");
            return [];
        }
    }

    /// <summary>Deletes what was kept.</summary>
    public void Delete()
    {
        try
        {
            if (File.Exists(_path) && OwnFile.MayBeReplaced(_path, Mark)) File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            note($"{_path} cannot be deleted. It is no longer needed: {e.Message}");
        }
    }

    private void Write(IReadOnlyList<(int Trial, TrainingState State)> trials)
    {
        using var writer = new BinaryWriter(new FileStream(Temporary, FileMode.Create, FileAccess.Write, FileShare.None));
        writer.Write(Mark);
        writer.Write(trials.Count);
        foreach (var (trial, state) in trials)
        {
            var bytes = CheckpointFile.Write(state);
            writer.Write(trial);
            writer.Write(bytes.Length);
            writer.Write(bytes);
        }
    }

    private static Dictionary<int, TrainingState> Read(Stream file)
    {
        using var reader = new BinaryReader(file);
        var states = new Dictionary<int, TrainingState>();
        if (!reader.ReadBytes(Mark.Length).AsSpan().SequenceEqual(Mark)) throw new InvalidDataException("it does not belong to a sweep.");
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var (trial, length) = (reader.ReadInt32(), reader.ReadInt32());
            // What is asked for must be there before memory is taken for it.
            if (length < 0 || length > file.Length - file.Position) throw new InvalidDataException("it is truncated.");
            states[trial] = CheckpointFile.Read(reader.ReadBytes(length));
        }

        return states;
    }
}
