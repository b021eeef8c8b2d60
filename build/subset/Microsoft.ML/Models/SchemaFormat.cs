namespace Microsoft.ML;

/// <summary>A schema as a model file holds it: names, types and annotations.</summary>
internal static class SchemaFormat
{
    /// <summary>Writes a schema's columns, without those whose type has no form in a file.</summary>
    internal static void Write(BinaryWriter writer, DataViewSchema schema)
    {
        var columns = Savable(schema);
        writer.Write(columns.Count);
        foreach (var column in columns)
        {
            writer.Write(column.Name);
            TypeFormat.Write(writer, column.Type);
            WriteAnnotations(writer, column.Annotations);
        }
    }

    internal static DataViewSchema Read(BinaryReader reader)
    {
        var builder = new DataViewSchema.Builder();
        for (var left = reader.ReadInt32(); left > 0; left--)
            builder.AddColumn(reader.ReadString(), TypeFormat.Read(reader), ReadAnnotations(reader));
        return builder.ToSchema();
    }

    private static void WriteAnnotations(BinaryWriter writer, DataViewSchema.Annotations annotations)
    {
        var columns = Savable(annotations.Schema);
        writer.Write(columns.Count);
        foreach (var column in columns)
        {
            writer.Write(column.Name);
            TypeFormat.Write(writer, column.Type);
            ValueFormat.Of(column.Type).Write(writer, annotations, column);
        }
    }

    private static DataViewSchema.Annotations ReadAnnotations(BinaryReader reader)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var name = reader.ReadString();
            var type = TypeFormat.Read(reader);
            builder.Add(name, type, ValueFormat.Of(type).Read(reader, type));
        }
        return builder.ToAnnotations();
    }

    private static List<DataViewSchema.Column> Savable(DataViewSchema schema) =>
        [.. schema.Where(column => TypeFormat.CanWrite(column.Type))];
}
