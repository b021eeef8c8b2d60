using System.Text;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>What the trials of a journal have in common: its first line.</summary>
/// <param name="Trainer">The kind of trainer.</param>
/// <param name="Metric">What trials are compared by.</param>
/// <param name="Rows">What the rows are, in words.</param>
/// <param name="RowsHash">A hash of all rows.</param>
internal sealed record JournalStudy(string Trainer, Metric Metric, string Rows, string RowsHash)
{
    /// <summary>The kind of event.</summary>
    public const string Event = "study";

    /// <summary>The version of journals that is written and read.</summary>
    public const int Version = 2;

    /// <summary>What a journal begins with.</summary>
    public static ReadOnlySpan<byte> Mark => "{\"event\":\"study\""u8;

    /// <summary>What each further line names, so that none of another study is taken for one of this.</summary>
    public string Id { get; } = JournalLine.Digits(Encoding.UTF8.GetBytes($"{Trainer}\n{Metric}\n{Rows}\n{RowsHash}"));

    /// <summary>The line.</summary>
    public byte[] ToLine() => JournalLine.Of(writer =>
    {
        writer.WriteString("event", Event);
        writer.WriteNumber("version", Version);
        writer.WriteString("study", Id);
        writer.WriteString("trainer", Trainer);
        writer.WriteString("metric", JournalName.Of(Metric));
        writer.WriteString("rows", Rows);
        writer.WriteString("rowsHash", RowsHash);
    });

    /// <summary>Reads a line.</summary>
    /// <exception cref="InvalidDataException">Its study is not that of what it says.</exception>
    public static JournalStudy Read(JsonElement line)
    {
        var study = new JournalStudy(
            line.GetProperty("trainer").GetString()!, JournalName.Parse<Metric>(line.GetProperty("metric").GetString()),
            line.GetProperty("rows").GetString()!, line.GetProperty("rowsHash").GetString()!);
        return study is { Trainer: not null, Rows: not null, RowsHash: not null }
            && study.Id == line.GetProperty("study").GetString()
            ? study
            : throw new InvalidDataException("its study does not match its content.");
    }

    /// <summary>What differs from another study, in words; null if nothing does.</summary>
    public string? DifferenceFrom(JournalStudy other)
    {
        (string Name, string Was, string Is)[] properties =
        [
            ("trainer", other.Trainer, Trainer), ("metric", $"{other.Metric}", $"{Metric}"), ("rows", other.Rows, Rows),
            ("rowsHash", other.RowsHash, RowsHash),
        ];
        foreach (var (name, was, now) in properties)
            if (was != now) return $"{name} was {was} and is {now}";
        return null;
    }
}
