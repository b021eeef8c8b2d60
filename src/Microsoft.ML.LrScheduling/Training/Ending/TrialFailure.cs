using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Exceptions that end one of several trainings, while the others continue.</summary>
internal static class TrialFailure
{
    /// <summary>
    /// Whether an exception ends only the training that threw it. A lack of memory, or a requested cancellation, ends all of them. An
    /// <see cref="OperationCanceledException"/> alone does not: a function of the user can throw it for its own reasons.
    /// </summary>
    /// <param name="exception">The exception.</param>
    /// <param name="cancellation">The cancellation of all trainings; null if there is none.</param>
    public static bool IsOne(Exception exception, Cancellation? cancellation = null) =>
        exception is not OutOfMemoryException && !(exception is OperationCanceledException && cancellation is { IsRequested: true });

    /// <summary>Returns the reason of a failure on one line.</summary>
    /// <param name="what">What failed.</param>
    /// <param name="exception">
    /// The exception. Its type is part of the reason, except for the two types that the project itself throws.
    /// </param>
    public static string Reason(string what, Exception exception) => OneLine.Of(
        exception is ArgumentException or InvalidOperationException
            ? $"{what}: {exception.Message}"
            : $"{what}: {exception.GetType().Name}: {exception.Message}");
}
