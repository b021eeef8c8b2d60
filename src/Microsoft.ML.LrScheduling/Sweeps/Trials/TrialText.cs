using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Describes trials in messages.</summary>
internal static class TrialText
{
    /// <summary>Returns the number and the hyperparameters of a trial.</summary>
    public static string Of(int number, IReadOnlyList<Hyperparameter> hyperparameters) => hyperparameters.Count == 0 ? $"trial {number}"
        : $"trial {number} ({string.Join(", ", hyperparameters.Select(Of))})";

    /// <summary>Returns the message that a trial failed.</summary>
    public static string Failed(int number, IReadOnlyList<Hyperparameter> hyperparameters, string failure) =>
        $"T{Of(number, hyperparameters)[1..]} failed: {failure}";

    /// <summary>Returns the message that a trial has no score.</summary>
    public static string WithoutScore(int number, IReadOnlyList<Hyperparameter> hyperparameters, string why) =>
        $"T{Of(number, hyperparameters)[1..]} has no score: {why}.";

    private static string Of(Hyperparameter drawn) =>
        $"{OneLine.Short(drawn.Name)} = {OneLine.Short(drawn.Text, Hyperparameter.LongestShown)}";
}
