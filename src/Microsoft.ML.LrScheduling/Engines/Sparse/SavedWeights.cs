using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// What is saved of the weights of a model of sparse rows, as they are kept: not caught up with, so that going on gives the same bits.
/// </summary>
/// <param name="weights">The weights that are kept, by output and then by feature.</param>
internal sealed class SavedWeights(float[] weights)
{
    /// <summary>What the weights that are kept are multiplied with.</summary>
    public double Scale { get; set; } = 1;

    /// <summary>The weights that are kept, by output and then by feature.</summary>
    public float[] Weights => weights;

    /// <summary>What the optimizer remembers of each weight; null for what it does not.</summary>
    public float[]?[] States { get; } = new float[]?[3];

    /// <summary>Whether a momentum has begun.</summary>
    public bool HasMomentum { get; set; }

    /// <summary>After how many of the left-out steps the weights of each feature are up to date; empty where all are.</summary>
    public int[] UpToDate { get; set; } = [];

    /// <summary>Writes them.</summary>
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

    /// <summary>Reads them.</summary>
    /// <exception cref="InvalidDataException">They are those of another model.</exception>
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
