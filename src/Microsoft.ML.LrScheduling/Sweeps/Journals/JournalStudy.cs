using System.Text;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>The properties of a sweep that all its trials share: the first line of a journal.</summary>
/// <param name="Trainer">The type of the trainer.</param>
/// <param name="Metric">The metric that trials are compared by.</param>
/// <param name="Rows">A description of the rows.</param>
/// <param name="RowsHash">A hash of all rows.</param>
internal sealed record JournalStudy(string Trainer, Metric Metric, string Rows, string RowsHash)
{
    /// <summary>The name of the event.</summary>
    public const string Event = "study";

    /// <summary>The version of the journal format.</summary>
    public const int Version = 2;

    /// <summary>The first bytes of a journal.</summary>
    public static ReadOnlySpan<byte> Mark => "{\"event\":\"study\""u8;

    /// <summary>The id that each later line contains, so that a line of another study is recognized.</summary>
    public string Id { get; } = JournalLine.Digits(Encoding.UTF8.GetBytes($"{Trainer}\n{Metric}\n{Rows}\n{RowsHash}"));

    /// <summary>Returns the line.</summary>
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
    /// <exception cref="InvalidDataException">The id does not match the properties.</exception>
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

    /// <summary>Describes the first difference from another study; null if there is none.</summary>
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
