using System.Buffers.Binary;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>The checksum of zip files: CRC-32 of ISO 3309, by the reflected polynomial 0xEDB88320, eight bytes at a time.</summary>
internal static class Crc32
{
    private static readonly uint[][] Tables = MakeTables();

    /// <summary>Returns the checksum of bytes that follow other bytes.</summary>
    /// <param name="checksum">The checksum of the bytes before; 0 if there are none.</param>
    /// <param name="bytes">The bytes.</param>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        var tables = Tables;
        var rest = ~checksum;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            var eight = BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ rest;
            rest = tables[7][(byte)eight] ^ tables[6][(byte)(eight >> 8)] ^ tables[5][(byte)(eight >> 16)] ^ tables[4][(byte)(eight >> 24)]
                ^ tables[3][(byte)(eight >> 32)] ^ tables[2][(byte)(eight >> 40)] ^ tables[1][(byte)(eight >> 48)] ^ tables[0][eight >> 56];
        }

        foreach (var one in bytes) rest = tables[0][(byte)(rest ^ one)] ^ (rest >> 8);
        return ~rest;
    }

    private static uint[][] MakeTables()
    {
        var tables = new uint[sizeof(ulong)][];
        for (var table = 0; table < tables.Length; table++)
        {
            tables[table] = new uint[256];
            for (var value = 0u; value < 256; value++)
            {
                var rest = table == 0 ? value : tables[table - 1][value];
                for (var bit = 0; bit < 8; bit++) rest = (rest & 1) != 0 ? (rest >> 1) ^ 0xEDB88320 : rest >> 1;
                tables[table][value] = rest;
            }
        }

        return tables;
    }
}
