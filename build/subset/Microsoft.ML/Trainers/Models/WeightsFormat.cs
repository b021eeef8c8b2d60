using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>A vector of weights as a model file holds it, dense or sparse.</summary>
internal static class WeightsFormat
{
    internal static void Write(BinaryWriter writer, in VBuffer<float> weights)
    {
        writer.Write(weights.Length);
        writer.Write(weights.IsDense);
        var values = weights.GetValues();
        if (!weights.IsDense)
        {
            writer.Write(values.Length);
            foreach (var index in weights.GetIndices()) writer.Write(index);
        }
        foreach (var value in values) writer.Write(value);
    }

    internal static VBuffer<float> Read(BinaryReader reader)
    {
        var length = ReadCount(reader, int.MaxValue);
        var dense = reader.ReadBoolean();
        var count = dense ? length : ReadCount(reader, length);
        // A count that the file is too short for must not become an allocation.
        if (count > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(float))
            throw new FormatException($"Corrupt model file: it is too short for {count} weights");
        var indices = dense ? null : ReadIndices(reader, count, length);
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = reader.ReadSingle();
        return dense ? new VBuffer<float>(length, values) : new VBuffer<float>(length, count, values, indices);
    }

    private static int[] ReadIndices(BinaryReader reader, int count, int length)
    {
        var indices = new int[count];
        var previous = -1;
        for (var i = 0; i < count; i++)
        {
            indices[i] = reader.ReadInt32();
            if (indices[i] <= previous || indices[i] >= length)
                throw new FormatException($"Corrupt model file: weight index {indices[i]} after {previous}, of {length}");
            previous = indices[i];
        }
        return indices;
    }

    private static int ReadCount(BinaryReader reader, int maximum)
    {
        var count = reader.ReadInt32();
        return count >= 0 && count <= maximum
            ? count
            : throw new FormatException($"Corrupt model file: a count of {count} is not between 0 and {maximum}");
    }
}
