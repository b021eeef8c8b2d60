using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>How a trial did on a part of the rows that it had not seen.</summary>
/// <param name="Split">What the parts are, in words.</param>
/// <param name="Folds">How many parts there are.</param>
/// <param name="Trial">The trial.</param>
/// <param name="Fold">The part, from 0.</param>
/// <param name="Score">The metric; null where there is none.</param>
/// <param name="Failure">Why it could not be trained there; null where it could.</param>
internal sealed record JournalFold(string Split, int Folds, int Trial, int Fold, double? Score, string? Failure)
{
    /// <summary>The kind of event.</summary>
    public const string Event = "fold";

    /// <summary>The line.</summary>
    /// <param name="study">The study that it belongs to.</param>
    public byte[] ToLine(string study) => JournalLine.Of(writer =>
    {
        writer.WriteString("event", Event);
        writer.WriteString("study", study);
        writer.WriteString("split", Split);
        writer.WriteNumber("folds", Folds);
        writer.WriteNumber("trial", Trial);
        writer.WriteNumber("fold", Fold);
        JournalNumber.Write(writer, "score", Score);
        writer.WriteString("failure", Failure);
    });

    /// <summary>Reads a line.</summary>
    /// <exception cref="InvalidDataException">A value cannot be.</exception>
    public static JournalFold Read(JsonElement line)
    {
        var fold = new JournalFold(
            line.GetProperty("split").GetString()!, line.GetProperty("folds").GetInt32(), line.GetProperty("trial").GetInt32(),
            line.GetProperty("fold").GetInt32(), JournalNumber.Read(line.GetProperty("score")), line.GetProperty("failure").GetString());
        return fold is { Split: not null, Trial: >= 0, Fold: >= 0 } && fold.Fold < fold.Folds && double.IsFinite(fold.Score ?? 0)
            ? fold
            : throw new InvalidDataException("its fold or its score is not valid.");
    }
}
