using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>How training can be cancelled, and what it then returns.</summary>
/// <param name="IsExecutionCancelled">Whether the environment was cancelled, as by <c>MLContext.CancelExecution</c>.</param>
/// <param name="BestBy">The metric by which a cancelled training returns the best model so far; null to throw an exception.</param>
/// <param name="Token">The token that requests cancellation.</param>
internal sealed record Cancellation(Func<bool> IsExecutionCancelled, Metric? BestBy, CancellationToken Token)
{
    /// <summary>Whether cancellation was requested.</summary>
    public bool IsRequested => Token.IsCancellationRequested || IsExecutionCancelled();

    /// <summary>Throws if cancellation was requested. It is called where there is no model yet that could be returned.</summary>
    /// <exception cref="OperationCanceledException">Cancellation was requested.</exception>
    public void ThrowIfRequested()
    {
        if (IsRequested) throw Exception();
    }

    /// <summary>Creates the exception of a cancelled training.</summary>
    public OperationCanceledException Exception() => new("Training was cancelled.", Token);
}
