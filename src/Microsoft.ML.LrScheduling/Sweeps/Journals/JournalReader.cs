using System.Text.Json;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>Reads a journal, line by line. Nothing in it is taken that does not hold.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="withOptions">Whether the options of trials are wanted.</param>
internal sealed class JournalReader(string path, bool withOptions = false)
{
    private const int StartLength = 4096;
    private const int LongestShown = 60;

    // Of a trainer, a metric and rows in words.
    private const int LongestStudy = 1 << 20;

    private readonly Dictionary<int, JournalTrial> _trials = [];
    private readonly Dictionary<int, LinearTrainerOptions> _options = [];
    private readonly List<JournalFold> _folds = [];
    private JournalStudy? _study;

    private static ReadOnlySpan<byte> EventMark => "{\"event\":\""u8;

    /// <summary>Reads all lines. A last one that has no end had been cut, and is left aside.</summary>
    /// <param name="stream">The file.</param>
    /// <exception cref="InvalidDataException">The file is no journal, or a line tells nothing; the message says which and why.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
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
            // An editor may have left out the end of the last line.
            if (!line.HasEnd && !text.IsEmpty && !JournalLine.IsWhole(text.Span))
            {
                // A process that was killed, or a machine that went off, may have cut the last line; something else is another's.
                if (IsPartOfEvent(text.Span)) break;
                throw Fault(number, "is not an event, or has text after an event.");
            }

            if (!text.IsEmpty) Take(text, number);
            (good, endsLine) = (line.End, line.HasEnd);
            if (_study is not null) lines.Longest = Array.MaxLength;
        }

        return new JournalContents(_study, _trials, _options, _folds, good, endsLine);
    }

    // A file that is none may have no lines at all.
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
        // What a disk has for what was not written yet.
        text = text.TrimEnd((byte)0);
        if (text.Length < EventMark.Length) return EventMark.StartsWith(text);
        // Behind a whole event stands more than a part of one.
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

    /// <summary>Takes a line; returns what is wrong with it, null for nothing.</summary>
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
