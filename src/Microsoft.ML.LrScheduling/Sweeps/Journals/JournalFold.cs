using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>The score of a trial on a fold, as a line of a journal.</summary>
/// <param name="Split">The description of the split: see <see cref="FoldScores.SplitOf"/>.</param>
/// <param name="Folds">The number of folds.</param>
/// <param name="Trial">The trial's number in the sweep.</param>
/// <param name="Fold">The fold, from 0.</param>
/// <param name="Score">The metric; null if there is none.</param>
/// <param name="Failure">Why the trial could not be trained on the fold; null if it could.</param>
internal sealed record JournalFold(string Split, int Folds, int Trial, int Fold, double? Score, string? Failure)
{
    /// <summary>The name of the event.</summary>
    public const string Event = "fold";

    /// <summary>Returns the line.</summary>
    /// <param name="study">The id of the study.</param>
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
    /// <exception cref="InvalidDataException">A value is not valid.</exception>
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
