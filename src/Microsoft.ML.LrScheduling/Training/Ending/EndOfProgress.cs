namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Tells a progress why training has ended, where it asks for that as an <see cref="IProgress{T}"/> of <see cref="StopReason"/>: the
/// last epoch that it was told of may not be the last one of the run.
/// </summary>
internal static class EndOfProgress
{
    /// <summary>Trains, and tells of the end, also of one by an exception.</summary>
    /// <param name="progress">The progress; null for none.</param>
    /// <param name="train">Trains.</param>
    /// <param name="reasonOf">Why training ended that came to a result.</param>
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
