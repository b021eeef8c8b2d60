using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How the text of a file is cut into rows and fields, and its numbers are written.</summary>
internal sealed class TextFormat
{
    private const char Quote = '"';

    internal required char[] Separators { get; init; }
    internal required bool AllowQuoting { get; init; }
    internal required bool AllowSparse { get; init; }
    internal required bool TrimWhitespace { get; init; }
    internal required bool ReadMultilines { get; init; }
    internal required bool HasHeader { get; init; }
    internal required bool MissingRealsAsNaNs { get; init; }
    internal required char EscapeChar { get; init; }
    internal required char DecimalMarker { get; init; }

    /// <summary>The number of fields of a row; 0 where each row says so itself.</summary>
    internal required int InputSize { get; init; }

    internal required long MaxRows { get; init; }

    internal bool SpaceSeparates => Separators.Contains(' ');

    internal static TextFormat From(TextLoader.Options options)
    {
        Contracts.CheckParam(options.Separators is { Length: > 0 }, nameof(options.Separators), "Must specify a separator");
        foreach (var separator in options.Separators)
            CheckSeparator(separator, options.AllowSparse);
        if (options.DecimalMarker is not ('.' or ','))
            throw new ArgumentOutOfRangeException(nameof(options.DecimalMarker),
                $"Decimal marker cannot be the '{options.DecimalMarker}' character. It must be '.' or ','.");
        if (!options.AllowQuoting && options.DecimalMarker == ',' && options.Separators.Contains(','))
            throw new ArgumentOutOfRangeException(nameof(options.AllowQuoting),
                "Quoting must be allowed if decimal marker and separator are the ',' character.");
        if (options.Separators.Contains(options.EscapeChar))
            throw new ArgumentOutOfRangeException(nameof(options.EscapeChar),
                $"EscapeChar '{options.EscapeChar}' can't be used both as EscapeChar and separator");
        Contracts.CheckParam(options.MaxRows is null or >= 0, nameof(options.MaxRows), $"Must be non-negative, got {options.MaxRows}");
        Contracts.CheckParam(options.InputSize is null or >= 0, nameof(options.InputSize),
            $"Must be non-negative, got {options.InputSize}");

        return new TextFormat
        {
            Separators = [.. options.Separators.Distinct()],
            AllowQuoting = options.AllowQuoting,
            AllowSparse = options.AllowSparse,
            TrimWhitespace = options.TrimWhitespace,
            ReadMultilines = options.AllowQuoting && options.ReadMultilines,
            HasHeader = options.HasHeader && string.IsNullOrWhiteSpace(options.HeaderFile),
            MissingRealsAsNaNs = options.MissingRealsAsNaNs,
            EscapeChar = options.EscapeChar,
            DecimalMarker = options.DecimalMarker,
            InputSize = options.InputSize ?? 0,
            MaxRows = options.MaxRows ?? long.MaxValue,
        };
    }

    /// <summary>
    /// The index of the line feed that ends the row at the start of <paramref name="text"/>, or -1 if it goes on beyond.
    /// A line feed between quotes ends no row where rows may have several lines.
    /// </summary>
    internal int EndOfRow(ReadOnlySpan<char> text)
    {
        if (!ReadMultilines || text is ['/', '/', ..])
            return text.IndexOf('\n');

        var quoted = false;
        var fieldStart = true;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c == EscapeChar && EscapeChar != Quote)
                    i++;
                else if (c == Quote)
                    quoted = false;
            }
            else if (c == '\n')
                return i;
            // A doubled quote inside a quoted field closes it and opens it again.
            else if (c == Quote && (fieldStart || (EscapeChar == Quote && text[i - 1] == Quote)))
                (quoted, fieldStart) = (true, false);
            else
                fieldStart = (c == ' ' && fieldStart) || Separators.AsSpan().Contains(c);
        }
        return -1;
    }

    private static void CheckSeparator(char separator, bool allowSparse)
    {
        if (separator == ':' && allowSparse)
            throw new ArgumentOutOfRangeException(nameof(TextLoader.Options.Separators),
                "When the separator is colon, turn off allowSparse");
        if (separator != '\t' && (separator < ' ' || char.IsAsciiDigit(separator) || separator == Quote))
            throw new ArgumentOutOfRangeException(nameof(TextLoader.Options.Separators), $"Illegal separator: '{separator}'");
    }
}
