using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>What may end training before its time, and what becomes of it then.</summary>
/// <param name="IsExecutionCancelled">Whether the environment asks for it, as <c>MLContext.CancelExecution</c> does.</param>
/// <param name="BestBy">By which metric the best model so far is returned; null to throw.</param>
/// <param name="Token">Asks for it.</param>
internal sealed record Cancellation(Func<bool> IsExecutionCancelled, Metric? BestBy, CancellationToken Token)
{
    /// <summary>Whether training is to end.</summary>
    public bool IsRequested => Token.IsCancellationRequested || IsExecutionCancelled();

    /// <summary>Ends what cannot give a model yet.</summary>
    /// <exception cref="OperationCanceledException">Training is to end.</exception>
    public void ThrowIfRequested()
    {
        if (IsRequested) throw Exception();
    }

    /// <summary>What says that training was cancelled.</summary>
    public OperationCanceledException Exception() => new("Training was cancelled.", Token);
}
