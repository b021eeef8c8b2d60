using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>The complete state of training between two minibatches, from which it can resume.</summary>
/// <param name="Identity">The settings and rows that the state belongs to.</param>
/// <param name="Epoch">The epoch that the next minibatch belongs to, from 0.</param>
/// <param name="Step">The next minibatch of the epoch, from 0.</param>
/// <param name="Ended">Why training has ended; null if it has not.</param>
/// <param name="Rates">The states of the schedules.</param>
/// <param name="Epochs">The records of the epochs so far.</param>
/// <param name="BatchRates">The rates of the minibatches in the current epoch so far.</param>
/// <param name="Best">The best epoch so far, with its weights; empty if no metric is watched.</param>
/// <param name="LastGood">The weights after the last complete epoch; empty in the first epoch.</param>
/// <param name="Engine">The state of the engine.</param>
internal sealed record TrainingState(
    TrainingIdentity Identity,
    int Epoch,
    int Step,
    StopReason? Ended,
    ValueList<LrSchedulerState> Rates,
    ValueList<EpochRecord> Epochs,
    ValueList<double> BatchRates,
    ImmutableArray<byte> Best,
    ImmutableArray<byte> LastGood,
    ImmutableArray<byte> Engine)
{
    /// <summary>Returns the bytes that <paramref name="write"/> writes.</summary>
    public static ImmutableArray<byte> Bytes(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        write(writer);
        return [.. stream.ToArray()];
    }

    /// <summary>Returns a reader of these bytes.</summary>
    public static BinaryReader Reader(ImmutableArray<byte> bytes) => new(new MemoryStream([.. bytes]));
}
