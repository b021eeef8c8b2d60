using System.Collections.Immutable;
using System.Numerics;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>(x − offset) · scale, slot by slot.</summary>
internal abstract class AffineFunction(DataViewType type)
{
    /// <summary>The type of the column, before and after.</summary>
    internal DataViewType Type { get; } = type;

    internal abstract Delegate CreateGetter(DataViewRow row, int column);

    internal abstract NormalizingTransformer.NormalizerModelParametersBase Parameters { get; }

    internal abstract void Save(BinaryWriter writer);

    internal static AffineFunction Load(BinaryReader reader)
    {
        var type = TypeFormat.Read(reader);
        var itemType = type.GetItemType();
        return itemType == NumberDataViewType.Single ? Load(reader, type, reader => reader.ReadSingle())
            : itemType == NumberDataViewType.Double ? Load(reader, type, reader => reader.ReadDouble())
            : throw new InvalidDataException($"Corrupt model file: a normalizer of {type}");
    }

    private static AffineFunction<T> Load<T>(BinaryReader reader, DataViewType type, Func<BinaryReader, T> read) where T : struct,
        IFloatingPointIeee754<T>
    {
        var size = type.GetValueCount();
        return new AffineFunction<T>(type, Values(), reader.ReadBoolean() ? Values() : null);

        T[] Values()
        {
            var values = new T[size];
            for (var i = 0; i < size; i++)
                values[i] = read(reader);
            return values;
        }
    }
}

internal sealed class AffineFunction<T>(DataViewType type, T[] scale, T[] offset) : AffineFunction(type)
    where T : struct, IFloatingPointIeee754<T>
{
    internal override NormalizingTransformer.NormalizerModelParametersBase Parameters => Type is VectorDataViewType
        ? new NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<T>>([.. scale], offset is null ? [] : [.. offset])
        : new NormalizingTransformer.AffineNormalizerModelParameters<T>(scale[0], offset is null ? T.Zero : offset[0]);

    internal override Delegate CreateGetter(DataViewRow row, int column) =>
        Type is VectorDataViewType ? VectorGetter(row.GetGetter<VBuffer<T>>(row.Schema[column]))
            : ScalarGetter(row.GetGetter<T>(row.Schema[column]));

    internal override void Save(BinaryWriter writer)
    {
        TypeFormat.Write(writer, Type);
        Write(writer, scale);
        writer.Write(offset is not null);
        if (offset is not null)
            Write(writer, offset);
    }

    private ValueGetter<T> ScalarGetter(ValueGetter<T> source)
    {
        var (factor, shift) = (scale[0], offset is null ? T.Zero : offset[0]);
        return (ref value) =>
        {
            source(ref value);
            value = (value - shift) * factor;
        };
    }

    private ValueGetter<VBuffer<T>> VectorGetter(ValueGetter<VBuffer<T>> source)
    {
        var input = default(VBuffer<T>);
        return (ref value) =>
        {
            source(ref input);
            if (input.Length != scale.Length)
                throw new InvalidOperationException(
                    $"Normalizer expected {scale.Length} slots, but the input data column has {input.Length} slots.");
            if (input.IsDense || offset is not null)
                ApplyDense(in input, ref value);
            else
                ApplySparse(in input, ref value);
        };
    }

    private void ApplyDense(in VBuffer<T> input, ref VBuffer<T> value)
    {
        var editor = VBufferEditor.Create(ref value, input.Length);
        var output = editor.Values;
        if (input.IsDense)
            Apply(input.GetValues(), output);
        else
        {
            input.CopyTo(output);
            Apply(output, output);
        }
        value = editor.Commit();
    }

    private void ApplySparse(in VBuffer<T> input, ref VBuffer<T> value)
    {
        var values = input.GetValues();
        var slots = input.GetIndices();
        var editor = VBufferEditor.Create(ref value, input.Length, values.Length);
        slots.CopyTo(editor.Indices);
        for (var i = 0; i < values.Length; i++)
            editor.Values[i] = values[i] * scale[slots[i]];
        value = editor.Commit();
    }

    private void Apply(ReadOnlySpan<T> input, Span<T> output)
    {
        var i = 0;
        for (; i <= output.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var x = new Vector<T>(input[i..]);
            if (offset is not null)
                x -= new Vector<T>(offset, i);
            (x * new Vector<T>(scale, i)).CopyTo(output[i..]);
        }
        for (; i < output.Length; i++)
            output[i] = (offset is null ? input[i] : input[i] - offset[i]) * scale[i];
    }

    private static void Write(BinaryWriter writer, T[] values)
    {
        foreach (var value in values)
        {
            if (typeof(T) == typeof(float))
                writer.Write(float.CreateTruncating(value));
            else
                writer.Write(double.CreateTruncating(value));
        }
    }
}
