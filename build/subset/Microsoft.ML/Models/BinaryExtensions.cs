namespace Microsoft.ML;

internal static class BinaryExtensions
{
    /// <summary>Writes a string that may be null.</summary>
    internal static void WriteOptional(this BinaryWriter writer, string value)
    {
        writer.Write(value is not null);
        if (value is not null) writer.Write(value);
    }

    internal static string ReadOptional(this BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;
}
