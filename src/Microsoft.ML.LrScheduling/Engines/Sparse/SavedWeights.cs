using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// The saved state of a model's weights for sparse rows. It contains the weights as they are stored, without the skipped steps, so that a
/// resumed training gives the same bits.
/// </summary>
/// <param name="weights">The stored weights, by output and then by feature.</param>
internal sealed class SavedWeights(float[] weights)
{
    /// <summary>The common scale, by which the stored weights are multiplied.</summary>
    public double Scale { get; set; } = 1;

    /// <summary>The stored weights, by output and then by feature.</summary>
    public float[] Weights => weights;

    /// <summary>The optimizer states of the weights; null for a state that the optimizer does not have.</summary>
    public float[]?[] States { get; } = new float[]?[3];

    /// <summary>Whether the momentum buffer has been started.</summary>
    public bool HasMomentum { get; set; }

    /// <summary>For each feature, the number of steps after which it was last up to date; empty if all features are up to date.</summary>
    public int[] UpToDate { get; set; } = [];

    /// <summary>Writes the state.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(Weights.Length);
        writer.Write(Scale);
        Write(Weights);
        foreach (var state in States)
        {
            writer.Write(state is not null);
            if (state is not null) Write(state);
        }

        writer.Write(HasMomentum);
        writer.Write(UpToDate.Length);
        writer.Write(MemoryMarshal.AsBytes(UpToDate.AsSpan()));

        void Write(float[] numbers) => writer.Write(MemoryMarshal.AsBytes(numbers.AsSpan()));
    }

    /// <summary>Reads a state.</summary>
    /// <exception cref="InvalidDataException">The state belongs to a different model.</exception>
    public static SavedWeights Load(BinaryReader reader, int count, int features)
    {
        var saved = new SavedWeights(new float[count]);
        Check(reader.ReadInt32() is var length && length == count, $"{count} weights", length);
        saved.Scale = reader.ReadDouble();
        Read(saved.Weights);
        for (var i = 0; i < saved.States.Length; i++)
            if (reader.ReadBoolean()) Read(saved.States[i] = new float[count]);
        saved.HasMomentum = reader.ReadBoolean();
        Check(reader.ReadInt32() is var known && (known == 0 || known == features), $"0 or {features} features", known);
        saved.UpToDate = new int[known];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(saved.UpToDate.AsSpan()));
        return saved;

        void Read(float[] numbers) => reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(numbers.AsSpan()));

        static void Check(bool isRight, string expected, int received)
        {
            if (!isRight) throw new InvalidDataException($"There must be {expected}. Received: {received}");
        }
    }
}
