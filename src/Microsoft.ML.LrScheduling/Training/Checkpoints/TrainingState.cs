using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>All that training needs to go on from a moment between two minibatches.</summary>
/// <param name="Identity">What it belongs to.</param>
/// <param name="Epoch">The epoch that the next minibatch belongs to, from 0.</param>
/// <param name="Step">The next minibatch of the epoch, from 0.</param>
/// <param name="Ended">Why training has ended; null where it goes on.</param>
/// <param name="Rates">Where the schedules stand.</param>
/// <param name="Epochs">The epochs so far.</param>
/// <param name="BatchRates">The rates of the minibatches of the epoch so far.</param>
/// <param name="Best">The best epoch so far; empty where none is watched.</param>
/// <param name="LastGood">The weights after the last whole epoch; empty in the first.</param>
/// <param name="Engine">The engine's own state.</param>
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
    /// <summary>What is written, as bytes.</summary>
    public static ImmutableArray<byte> Bytes(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        write(writer);
        return [.. stream.ToArray()];
    }

    /// <summary>Reads bytes.</summary>
    public static BinaryReader Reader(ImmutableArray<byte> bytes) => new(new MemoryStream([.. bytes]));
}
