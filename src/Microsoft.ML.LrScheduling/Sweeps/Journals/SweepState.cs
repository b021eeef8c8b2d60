using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>
/// A file next to a journal with the states of trials that have not ended. It is rewritten repeatedly. It only saves work: a sweep that
/// cannot write or read it continues, and adds a note.
/// </summary>
/// <param name="journal">The journal.</param>
/// <param name="note">Receives messages for the user.</param>
internal sealed class SweepState(string journal, Action<string> note)
{
    private readonly string _path = journal + ".state";
    private bool _isNoted;

    private static ReadOnlySpan<byte> Mark => "LRSSTATE"u8;

    private string Temporary => _path + ".tmp";

    /// <summary>Writes the states of trials. They replace all earlier states.</summary>
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

    /// <summary>
    /// Reads the states of trials; empty if there are none or if they cannot be read. Trials without a state start again.
    /// </summary>
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

    /// <summary>Deletes the file.</summary>
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
            // The length is checked before memory is allocated.
            if (length < 0 || length > file.Length - file.Position) throw new InvalidDataException("it is truncated.");
            states[trial] = CheckpointFile.Read(reader.ReadBytes(length));
        }

        return states;
    }
}
