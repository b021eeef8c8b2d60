using System.Numerics;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Reads numbers, truth values and texts as reals.</summary>
internal static class Conversions
{
    internal static bool CanRead(DataViewType itemType) => itemType is NumberDataViewType or BooleanDataViewType or TextDataViewType;

    internal static Delegate CreateGetter(DataViewRow row, DataViewSchema.Column column, NumberDataViewType target) =>
        target == NumberDataViewType.Single ? CreateGetter<float>(row, column) : CreateGetter<double>(row, column);

    private static Delegate CreateGetter<TTo>(DataViewRow row, DataViewSchema.Column column) where TTo : struct, INumberBase<TTo> =>
        column.Type.GetItemType() switch
        {
            BooleanDataViewType => CreateGetter(row, column, (bool value) => value ? TTo.One : TTo.Zero),
            TextDataViewType => CreateGetter(row, column, (ReadOnlyMemory<char> value) => Parse<TTo>(value.Span)),
            var number => Type.GetTypeCode(number.RawType) switch
            {
                TypeCode.SByte => FromNumber<sbyte, TTo>(row, column),
                TypeCode.Byte => FromNumber<byte, TTo>(row, column),
                TypeCode.Int16 => FromNumber<short, TTo>(row, column),
                TypeCode.UInt16 => FromNumber<ushort, TTo>(row, column),
                TypeCode.Int32 => FromNumber<int, TTo>(row, column),
                TypeCode.UInt32 => FromNumber<uint, TTo>(row, column),
                TypeCode.Int64 => FromNumber<long, TTo>(row, column),
                TypeCode.UInt64 => FromNumber<ulong, TTo>(row, column),
                TypeCode.Single => FromNumber<float, TTo>(row, column),
                TypeCode.Double => FromNumber<double, TTo>(row, column),
                _ => throw Contracts.ExceptNotInSubset($"Converting a column of type {column.Type}"),
            },
        };

    private static Delegate FromNumber<TFrom, TTo>(DataViewRow row, DataViewSchema.Column column)
        where TFrom : struct, INumberBase<TFrom> where TTo : struct, INumberBase<TTo> =>
        CreateGetter(row, column, static (TFrom value) => TTo.CreateTruncating(value));

    private static Delegate CreateGetter<TFrom, TTo>(DataViewRow row, DataViewSchema.Column column, Func<TFrom, TTo> convert)
    {
        if (column.Type is VectorDataViewType)
            return VectorGetter(row.GetGetter<VBuffer<TFrom>>(column), convert);
        var source = row.GetGetter<TFrom>(column);
        var input = default(TFrom);
        return new ValueGetter<TTo>((ref value) =>
        {
            source(ref input);
            value = convert(input);
        });
    }

    // What a sparse vector implies converts to what the output implies: no conversion here moves zero.
    private static ValueGetter<VBuffer<TTo>> VectorGetter<TFrom, TTo>(ValueGetter<VBuffer<TFrom>> source, Func<TFrom, TTo> convert)
    {
        var input = default(VBuffer<TFrom>);
        return (ref value) =>
        {
            source(ref input);
            var values = input.GetValues();
            var editor = VBufferEditor.Create(ref value, input.Length, values.Length);
            for (var i = 0; i < values.Length; i++)
                editor.Values[i] = convert(values[i]);
            input.GetIndices().CopyTo(editor.Indices);
            value = editor.Commit();
        };
    }

    private static TTo Parse<TTo>(ReadOnlySpan<char> text) where TTo : struct, INumberBase<TTo>
    {
        var trimmed = text.Trim();
        if (trimmed.IsEmpty)
            return TTo.Zero;
        NumberText.TryParse(trimmed, '.', out var value);
        return TTo.CreateTruncating(value);
    }
}
