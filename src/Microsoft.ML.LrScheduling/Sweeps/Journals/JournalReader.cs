using System.Text.Json;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>Reads a journal line by line, and checks all its content.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="withOptions">Whether to read the options of trials.</param>
internal sealed class JournalReader(string path, bool withOptions = false)
{
    private const int StartLength = 4096;
    private const int LongestShown = 60;

    // The first line contains only the trainer, the metric and a description of the rows, so it is short.
    private const int LongestStudy = 1 << 20;

    private readonly Dictionary<int, JournalTrial> _trials = [];
    private readonly Dictionary<int, LinearTrainerOptions> _options = [];
    private readonly List<JournalFold> _folds = [];
    private JournalStudy? _study;

    private static ReadOnlySpan<byte> EventMark => "{\"event\":\""u8;

    /// <summary>Reads all lines. An incomplete last line is ignored.</summary>
    /// <param name="stream">The file.</param>
    /// <exception cref="InvalidDataException">
    /// The file is not a journal, or a line is not valid. The message says which line and why.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public JournalContents Read(Stream stream)
    {
        CheckStart(stream);
        var (number, good, endsLine) = (0, 0L, true);
        var lines = new JournalLines(stream) { Longest = LongestStudy };
        foreach (var line in lines)
        {
            number++;
            var text = line.Text.Trim(" \t\r\n"u8);
            if (_study is null && !text.IsEmpty && (!text.Span.StartsWith(JournalStudy.Mark) || text.Length >= LongestStudy))
                throw NoJournal();
            // An editor may have removed the line end of a complete last line.
            if (!line.HasEnd && !text.IsEmpty && !JournalLine.IsWhole(text.Span))
            {
                // If the process was killed or the power failed, the last line can be incomplete. Anything else was written by another
                // program.
                if (IsPartOfEvent(text.Span)) break;
                throw Fault(number, "is not an event, or has text after an event.");
            }

            if (!text.IsEmpty) Take(text, number);
            (good, endsLine) = (line.End, line.HasEnd);
            if (_study is not null) lines.Longest = Array.MaxLength;
        }

        return new JournalContents(_study, _trials, _options, _folds, good, endsLine);
    }

    // Checked before reading lines, because another file may not have line ends at all.
    private void CheckStart(Stream stream)
    {
        Span<byte> start = new byte[StartLength];
        start = start[..stream.ReadAtLeast(start, StartLength, throwOnEndOfStream: false)];
        stream.Position = 0;
        if (start.StartsWith("\uFEFF"u8)) start = start[3..];
        var text = start.TrimStart(" \t\r\n"u8);
        if (!text.IsEmpty && !text.StartsWith(JournalStudy.Mark)) throw NoJournal();
    }

    private static bool IsPartOfEvent(ReadOnlySpan<byte> text)
    {
        // After a power failure, a file can end with zeros instead of the data.
        text = text.TrimEnd((byte)0);
        if (text.Length < EventMark.Length) return EventMark.StartsWith(text);
        // Text after a complete event is not a part of an event.
        return text.StartsWith(EventMark) && JournalLine.WholeLength(text) is var whole && (whole == 0 || whole == text.Length);
    }

    private void Take(ReadOnlyMemory<byte> line, int number)
    {
        string? refusal;
        Exception? inner = null;
        try
        {
            refusal = Refusal(line);
        }
        catch (Exception e) when (e is KeyNotFoundException
            or InvalidOperationException or InvalidDataException or FormatException or JsonException or ArgumentException
            or OverflowException or IOException)
        {
            (refusal, inner) = ($"cannot be read: {e.Message}", e);
        }

        if (refusal is not null) throw Fault(number, refusal, inner);
    }

    /// <summary>Reads a line. Returns what is wrong with it, or null if it is valid.</summary>
    private string? Refusal(ReadOnlyMemory<byte> line)
    {
        using var document = JournalLine.Parse(line);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("event", out var told) || told.ValueKind != JsonValueKind.String)
            return "is not an event, or has text after an event.";
        var kind = told.GetString();
        if (kind is not (JournalStudy.Event or JournalTrial.Event or JournalFold.Event))
            return "has an unknown event. Received: "
                + $"{(kind?.Length > LongestShown ? kind[..LongestShown] + '…' : kind)}.";
        if (kind == JournalStudy.Event && root.GetProperty("version").GetInt32() is not JournalStudy.Version and var version)
            return $"must have version {JournalStudy.Version}. Received: {version}.";
        if (!JournalLine.IsWhole(line.Span)) return "is damaged: its checksum does not match.";
        if (_study is not null && root.GetProperty("study").GetString() != _study.Id) return "belongs to another study.";
        switch (kind)
        {
            case JournalStudy.Event:
                _study = JournalStudy.Read(root);
                return null;
            case JournalFold.Event:
                _folds.Add(JournalFold.Read(root));
                return null;
            default:
                var trial = JournalTrial.Read(root, _study!.Trainer);
                trial.CheckScore(_study.Metric);
                if (_trials.TryGetValue(trial.Number, out var before) && !trial.Replaces(before))
                    return $"is about trial {trial.Number}, which has already ended.";
                if (withOptions && trial.OptionsOf() is { } options) _options[trial.Number] = options;
                _trials[trial.Number] = trial;
                return null;
        }
    }

    private InvalidDataException NoJournal() =>
        new($"{path} is not the journal of a sweep, and was not changed. Choose another file.");

    private InvalidDataException Fault(int number, string what, Exception? inner = null) => new(
        $"Line {number} of the journal {path} {what} "
        + (_study is null ? "Choose another file, or delete it." : "Delete the line, and its trial is trained again; or choose another "
            + "file."), inner);
}
