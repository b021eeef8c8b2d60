using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>What a trial is called in messages.</summary>
internal static class TrialText
{
    /// <summary>Its number, and what it was drawn with.</summary>
    public static string Of(int number, IReadOnlyList<Hyperparameter> hyperparameters) => hyperparameters.Count == 0 ? $"trial {number}"
        : $"trial {number} ({string.Join(", ", hyperparameters.Select(Of))})";

    /// <summary>That it failed, and why.</summary>
    public static string Failed(int number, IReadOnlyList<Hyperparameter> hyperparameters, string failure) =>
        $"T{Of(number, hyperparameters)[1..]} failed: {failure}";

    /// <summary>That it has no score, and why.</summary>
    public static string WithoutScore(int number, IReadOnlyList<Hyperparameter> hyperparameters, string why) =>
        $"T{Of(number, hyperparameters)[1..]} has no score: {why}.";

    private static string Of(Hyperparameter drawn) =>
        $"{OneLine.Short(drawn.Name)} = {OneLine.Short(drawn.Text, Hyperparameter.LongestShown)}";
}
