using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The results of trials as bytes.</summary>
internal static class ResultBytes
{
    /// <summary>Writes results, and notes for the user.</summary>
    public static byte[] Write(IReadOnlyList<TrialResult> results, IReadOnlyList<string> notes)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(new BrotliStream(bytes, CompressionLevel.Fastest)))
        {
            writer.Write(notes.Count);
            foreach (var note in notes) writer.Write(note);
            writer.Write(results.Count);
            foreach (var result in results)
            {
                writer.Write(result.Number);
                writer.Write(result.History.ToJson());
                writer.Write(result.Failure is not null);
                if (result.Failure is { } failure) writer.Write(failure);
                writer.Write(result.Weights is not null);
                result.Weights?.Save(writer);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Reads results.</summary>
    /// <param name="bytes">What <see cref="Write"/> returned.</param>
    /// <param name="trials">The trials, by number. Schedules are not in the bytes: the results get those of the trials.</param>
    public static (TrialResult[] Results, string[] Notes) Read(byte[] bytes, IReadOnlyDictionary<int, TrialWork> trials)
    {
        using var reader = new BinaryReader(new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress));
        var notes = new string[reader.ReadInt32()];
        for (var i = 0; i < notes.Length; i++) notes[i] = reader.ReadString();
        var results = new TrialResult[reader.ReadInt32()];
        for (var i = 0; i < results.Length; i++)
        {
            var number = reader.ReadInt32();
            var history = TrainingHistory.FromJson(reader.ReadString()) with { Schedule = trials[number].Options.LearningRateSchedule };
            var failure = reader.ReadBoolean() ? reader.ReadString() : null;
            results[i] = new TrialResult(number, history, reader.ReadBoolean() ? Weights(reader) : null, failure);
        }

        return (results, notes);
    }

    private static LinearWeights Weights(BinaryReader reader)
    {
        var weights = new LinearWeights(new float[reader.ReadInt32()], new float[reader.ReadInt32()]);
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(weights.Weights.AsSpan()));
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(weights.Biases.AsSpan()));
        return weights;
    }
}
