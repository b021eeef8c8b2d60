namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Reports why training has ended, to a progress that also implements <see cref="IProgress{T}"/> of <see cref="StopReason"/>. Without this
/// report it could not know that the last reported epoch was the end.
/// </summary>
internal static class EndOfProgress
{
    /// <summary>Trains, and reports the end, also if it is an exception.</summary>
    /// <param name="progress">The progress; null for none.</param>
    /// <param name="train">Trains and returns the result.</param>
    /// <param name="reasonOf">Returns the reason why a training with this result ended.</param>
    public static T Watch<T>(object? progress, Func<T> train, Func<T, StopReason> reasonOf)
    {
        if (progress is not IProgress<StopReason> told) return train();
        var reason = StopReason.Failed;
        try
        {
            var result = train();
            reason = reasonOf(result);
            return result;
        }
        catch (OperationCanceledException)
        {
            reason = StopReason.Cancelled;
            throw;
        }
        catch (TrainingDivergedException)
        {
            reason = StopReason.Diverged;
            throw;
        }
        finally
        {
            told.Report(reason);
        }
    }
}
