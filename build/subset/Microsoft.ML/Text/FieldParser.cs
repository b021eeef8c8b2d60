using System.Globalization;

namespace Microsoft.ML.Data;

/// <summary>Reads a field as a value; false if it is neither a value nor a missing one, with the value that then stands in.</summary>
internal delegate bool FieldParser<T>(ReadOnlySpan<char> field, out T value);

internal static class FieldParsers
{
    /// <summary>The parser of an item type, as a <see cref="FieldParser{T}"/> of its raw type.</summary>
    internal static Delegate For(PrimitiveDataViewType type, TextFormat format) => type switch
    {
        KeyDataViewType key => Key(key),
        TextDataViewType => new TextParser().Parse,
        BooleanDataViewType => new FieldParser<bool>(TryBoolean),
        TimeSpanDataViewType => Standard((ReadOnlySpan<char> field, out TimeSpan value) =>
            TimeSpan.TryParse(field, CultureInfo.InvariantCulture, out value)),
        DateTimeDataViewType => Standard((ReadOnlySpan<char> field, out DateTime value) =>
            DateTime.TryParse(field, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out value)),
        DateTimeOffsetDataViewType => Standard((ReadOnlySpan<char> field, out DateTimeOffset value) =>
            DateTimeOffset.TryParse(field, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value)),
        _ => Number(type.RawType, format),
    };

    /// <summary>Whether a field that is no value of the type becomes a missing value, instead of an error.</summary>
    internal static bool HasMissing(PrimitiveDataViewType type) =>
        type is KeyDataViewType || type.RawType == typeof(float) || type.RawType == typeof(double);

    internal static bool IsMissing(ReadOnlySpan<char> field) =>
        field is "?" || field.Equals("NA", StringComparison.OrdinalIgnoreCase)
        || field.Equals("NaN", StringComparison.OrdinalIgnoreCase) || field.Equals("N/A", StringComparison.OrdinalIgnoreCase);

    private static Delegate Number(Type type, TextFormat format) => Type.GetTypeCode(type) switch
    {
        TypeCode.Single => Single(format),
        TypeCode.Double => Double(format),
        TypeCode.SByte => Integer<sbyte>(),
        TypeCode.Byte => Integer<byte>(),
        TypeCode.Int16 => Integer<short>(),
        TypeCode.UInt16 => Integer<ushort>(),
        TypeCode.Int32 => Integer<int>(),
        TypeCode.UInt32 => Integer<uint>(),
        TypeCode.Int64 => Integer<long>(),
        TypeCode.UInt64 => Integer<ulong>(),
        _ => throw new NotSupportedException($"Text is not read as {type}"),
    };

    private static FieldParser<double> Double(TextFormat format)
    {
        var marker = format.DecimalMarker;
        var empty = format.MissingRealsAsNaNs ? double.NaN : 0;
        return (field, out value) =>
        {
            var text = field.Trim();
            if (text.IsEmpty)
            {
                value = empty;
                return true;
            }
            return NumberText.TryParse(text, marker, out value) || IsMissing(field);
        };
    }

    private static FieldParser<float> Single(TextFormat format)
    {
        var parse = Double(format);
        return (field, out value) =>
        {
            var parsed = parse(field, out var wide);
            value = (float)wide;
            return parsed;
        };
    }

    private static FieldParser<T> Integer<T>() where T : struct, System.Numerics.IBinaryInteger<T> =>
        static (field, out value) =>
        {
            value = T.Zero;
            return field.IsEmpty
                || (field[0] != '+' && T.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value));
        };

    private static Delegate Key(KeyDataViewType type)
    {
        var count = type.Count;
        return Type.GetTypeCode(type.RawType) switch
        {
            TypeCode.Byte => Key(count, static key => (byte)key),
            TypeCode.UInt16 => Key(count, static key => (ushort)key),
            TypeCode.UInt32 => Key(count, static key => (uint)key),
            _ => Key(count, static key => key),
        };
    }

    // A file counts keys from 0, a column from 1, where 0 is the missing key.
    private static FieldParser<T> Key<T>(ulong count, Func<ulong, T> narrow) where T : struct =>
        (field, out value) =>
        {
            value = default;
            if (field.IsEmpty || IsMissing(field))
                return true;
            if (!ulong.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var key) || key >= count)
                return false;
            value = narrow(key + 1);
            return true;
        };

    private static FieldParser<T> Standard<T>(FieldParser<T> parse) where T : struct =>
        (field, out value) =>
        {
            value = default;
            return field.IsEmpty || parse(field, out value);
        };

    private static bool TryBoolean(ReadOnlySpan<char> field, out bool value)
    {
        value = Any(field, "1", "+", "+1", "t", "true", "y", "yes");
        return value || field.IsEmpty || Any(field, "0", "-", "-1", "f", "false", "n", "no");
    }

    private static bool Any(ReadOnlySpan<char> field, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
            if (field.Equals(word, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    /// <summary>Text outlives the row it was read from, so it is copied; a category that comes again is copied once.</summary>
    private sealed class TextParser
    {
        private const int MaximumKept = 1024;
        private const int MaximumKeptLength = 64;
        private readonly Dictionary<string, string> _kept = [];
        private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

        internal TextParser() => _lookup = _kept.GetAlternateLookup<ReadOnlySpan<char>>();

        internal FieldParser<ReadOnlyMemory<char>> Parse => TryText;

        private bool TryText(ReadOnlySpan<char> field, out ReadOnlyMemory<char> value)
        {
            value = field.IsEmpty ? default : Text(field).AsMemory();
            return true;
        }

        private string Text(ReadOnlySpan<char> field)
        {
            if (field.Length > MaximumKeptLength)
                return field.ToString();
            if (_lookup.TryGetValue(field, out var known))
                return known;
            var text = field.ToString();
            if (_kept.Count < MaximumKept)
                _kept.Add(text, text);
            return text;
        }
    }
}
