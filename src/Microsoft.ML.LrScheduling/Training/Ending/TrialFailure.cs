using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>What ends one of several trainings, and not the others.</summary>
internal static class TrialFailure
{
    /// <summary>
    /// Whether an exception is the fault of the one training that it comes from: no lack of memory, and no wish to end all. A function of
    /// the user's may throw what says that something of its own was cancelled.
    /// </summary>
    /// <param name="exception">The exception.</param>
    /// <param name="cancellation">What ends all training; null where nothing looks at it.</param>
    public static bool IsOne(Exception exception, Cancellation? cancellation = null) =>
        exception is not OutOfMemoryException && !(exception is OperationCanceledException && cancellation is { IsRequested: true });

    /// <summary>The reason in a line.</summary>
    /// <param name="what">What failed.</param>
    /// <param name="exception">How it failed. Of ours the message says all; of others, such as those of a user's function, so does the
    /// name of the kind.</param>
    public static string Reason(string what, Exception exception) => OneLine.Of(
        exception is ArgumentException or InvalidOperationException
            ? $"{what}: {exception.Message}"
            : $"{what}: {exception.GetType().Name}: {exception.Message}");
}
