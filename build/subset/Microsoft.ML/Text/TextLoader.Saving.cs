using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public sealed partial class TextLoader
{
    internal const string LoaderSignature = "TextLoader";
    private const string HeaderEntry = "Header.txt";

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.SetLoader(LoaderSignature);
        var writer = ctx.Writer;
        writer.Write(new string(_format.Separators));
        writer.Write(_format.AllowQuoting);
        writer.Write(_format.AllowSparse);
        writer.Write(_format.TrimWhitespace);
        writer.Write(_format.ReadMultilines);
        writer.Write(_format.HasHeader);
        writer.Write(_format.MissingRealsAsNaNs);
        writer.Write(_format.EscapeChar);
        writer.Write(_format.DecimalMarker);
        writer.Write(_format.InputSize);
        writer.Write(_format.MaxRows);
        writer.Write(_columns.Length);
        foreach (var column in _columns)
            Save(writer, column);
        if (_header is not null)
            ctx.SaveTextStream(HeaderEntry, text => text.Write(_header));
    }

    internal static TextLoader Load(ModelLoadContext ctx)
    {
        var reader = ctx.Reader;
        var format = new TextFormat
        {
            Separators = reader.ReadString().ToCharArray(),
            AllowQuoting = reader.ReadBoolean(),
            AllowSparse = reader.ReadBoolean(),
            TrimWhitespace = reader.ReadBoolean(),
            ReadMultilines = reader.ReadBoolean(),
            HasHeader = reader.ReadBoolean(),
            MissingRealsAsNaNs = reader.ReadBoolean(),
            EscapeChar = reader.ReadChar(),
            DecimalMarker = reader.ReadChar(),
            InputSize = reader.ReadInt32(),
            MaxRows = reader.ReadInt64(),
        };
        var columns = new TextColumn[reader.ReadInt32()];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = LoadColumn(reader);
        return new TextLoader(ctx.Env, format, columns, ctx.LoadTextOrNull(HeaderEntry));
    }

    private static void Save(BinaryWriter writer, TextColumn column)
    {
        writer.Write(column.Name);
        writer.Write((byte)column.Kind);
        writer.Write(column.ItemType is KeyDataViewType key ? key.Count : 0);
        writer.Write(column.Segments.Length);
        foreach (var segment in column.Segments)
        {
            writer.Write(segment.Min);
            writer.Write(segment.Limit);
            writer.Write(segment.ForceVector);
        }
    }

    private static TextColumn LoadColumn(BinaryReader reader)
    {
        var name = reader.ReadString();
        var kind = (DataKind)reader.ReadByte();
        var keys = reader.ReadUInt64();
        var segments = new Segment[reader.ReadInt32()];
        for (var i = 0; i < segments.Length; i++)
            segments[i] = new Segment(reader.ReadInt32(), reader.ReadInt32(), reader.ReadBoolean());
        return TextColumn.Create(name, kind, kind.ItemType(keys == 0 ? null : new KeyCount(keys)), segments);
    }
}
