namespace Microsoft.ML.LrScheduling.Training;

/// <summary>What ends one of several trainings, and not the others.</summary>
internal static class TrialFailure
{
    /// <summary>
    /// Whether an exception is the fault of the one training that it comes from: no wish to end all, and no lack of memory.
    /// </summary>
    public static bool IsOne(Exception exception) => exception is not (OperationCanceledException or OutOfMemoryException);

    /// <summary>The reason in words.</summary>
    /// <param name="what">What failed.</param>
    /// <param name="exception">How it failed. Of ours the message says all; of others, such as those of a user's function, so does the
    /// name of the kind.</param>
    public static string Reason(string what, Exception exception) => exception is ArgumentException or InvalidOperationException
        ? $"{what}: {exception.Message}"
        : $"{what}: {exception.GetType().Name}: {exception.Message}";
}
