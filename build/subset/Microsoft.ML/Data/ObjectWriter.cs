using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Writes the values of rows into the members of a user type.</summary>
internal sealed class ObjectWriter<TRow> where TRow : class, new()
{
    private readonly List<(MemberInfo Member, DataViewSchema.Column Column)> _bindings = [];

    internal IEnumerable<DataViewSchema.Column> Columns => _bindings.Select(binding => binding.Column);

    internal ObjectWriter(DataViewSchema schema, bool ignoreMissingColumns, SchemaDefinition definition)
    {
        definition ??= SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Write);
        foreach (var (member, wanted) in MemberTypes.Columns(typeof(TRow), definition))
        {
            if (schema.GetColumnOrNull(wanted.Name) is not { } column)
            {
                if (ignoreMissingColumns)
                    continue;
                throw Contracts.ExceptSchemaMismatch("Schema", "", wanted.Name);
            }
            Contracts.Check(MemberTypes.CanHold(member, column.Type),
                $"Can't bind the IDataView column '{column.Name}' of type '{column.Type}' "
                + $"to field or property '{member.Name}' of type '{MemberTypes.TypeOf(member).FullName}'.");
            _bindings.Add((member, column));
        }
    }

    /// <summary>What fills an object with the values that the row has at the moment.</summary>
    internal Action<TRow> CreateFiller(DataViewRow row)
    {
        var setters = _bindings.ConvertAll(binding => CreateSetter(binding.Member, binding.Column, row)).ToArray();
        return target =>
        {
            foreach (var setter in setters)
                setter(target);
        };
    }

    private static Action<TRow> CreateSetter(MemberInfo member, DataViewSchema.Column column, DataViewRow row)
    {
        var memberType = MemberTypes.TypeOf(member);
        if (memberType == typeof(string))
        {
            var poke = Accessors.Writer<TRow, string>(member);
            return Convert<ReadOnlyMemory<char>>(row, column, (target, text) => poke(target, text.ToString()));
        }
        if (memberType == typeof(string[]))
        {
            var poke = Accessors.Writer<TRow, string[]>(member);
            return Convert<VBuffer<ReadOnlyMemory<char>>>(row, column, (target, texts) => poke(target, texts.ToStrings()));
        }
        if (memberType.IsArray)
            return Generic.Call(Array<int>, memberType.GetElementType(), member, column, row);
        if (column.Type is VectorDataViewType vector)
            return Generic.Call(Buffer<int>, vector.ItemType.RawType, member, column, row);
        return Generic.Call(Scalar<int>, memberType, member, column, row);
    }

    private static Action<TRow> Convert<T>(DataViewRow row, DataViewSchema.Column column, Action<TRow, T> poke)
    {
        var getter = row.GetGetter<T>(column);
        var value = default(T);
        return target =>
        {
            getter(ref value);
            poke(target, value);
        };
    }

    private static Action<TRow> Scalar<T>(MemberInfo member, DataViewSchema.Column column, DataViewRow row)
        => Convert(row, column, Accessors.Writer<TRow, T>(member));

    private static Action<TRow> Array<T>(MemberInfo member, DataViewSchema.Column column, DataViewRow row)
    {
        var peek = Existing<T[]>(member);
        var poke = Accessors.Writer<TRow, T[]>(member);
        return Convert<VBuffer<T>>(row, column, (target, buffer) =>
        {
            // An object that is filled again keeps its array.
            var array = peek(target);
            if (array?.Length != buffer.Length)
                array = new T[buffer.Length];
            buffer.CopyTo(array);
            poke(target, array);
        });
    }

    private static Action<TRow> Buffer<T>(MemberInfo member, DataViewSchema.Column column, DataViewRow row)
    {
        var peek = Existing<VBuffer<T>>(member);
        var poke = Accessors.Writer<TRow, VBuffer<T>>(member);
        var getter = row.GetGetter<VBuffer<T>>(column);
        return target =>
        {
            var buffer = peek(target);
            getter(ref buffer);
            poke(target, buffer);
        };
    }

    private static Func<TRow, T> Existing<T>(MemberInfo member)
        => Accessors.IsReadable(member) ? Accessors.Reader<TRow, T>(member) : _ => default;
}
