using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Writes and reads a <see cref="TrainingState"/> as bytes: a magic number, a version, the length of the content, the content, and a
/// SHA-256 hash of everything before.
/// </summary>
internal static class CheckpointFile
{
    private const ulong Mark = 0x54504B4353524C00; // "\0LRSCKPT"
    private const int Version = 3;
    private const int HeaderLength = sizeof(ulong) + sizeof(int) + sizeof(long);

    // The size of an epoch without rates and metrics.
    private const int LeastEpoch = 4 * sizeof(int) + sizeof(double) + sizeof(long);

    // A missing or null value means that the file is not valid.
    private static readonly JsonSerializerOptions Strict =
        new() { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>Checks that a state fits into an array of bytes.</summary>
    /// <param name="bytes">The size of the weights in the state, in bytes.</param>
    /// <param name="weightCount">The number of weights in the model.</param>
    /// <exception cref="InvalidOperationException">The state is too large.</exception>
    public static void RefuseLongerThanFile(long bytes, int weightCount)
    {
        // This leaves 64 MiB, which is enough for the history and the rates.
        const long Most = int.MaxValue - (64L << 20);
        if (bytes <= Most) return;
        throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"A checkpoint must be of at most {Most:N0} bytes, and training has not begun. Set Checkpoints to null, or use fewer "
            + $"features or an optimizer with a smaller state, such as Sgd without momentum. Received: {bytes:N0} bytes, of "
            + $"{weightCount:N0} weights"));
    }

    /// <summary>Returns the bytes of a state.</summary>
    public static byte[] Write(TrainingState state)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Mark);
        writer.Write(Version);
        writer.Write(0L);
        WriteState(writer, state);
        stream.Position = sizeof(ulong) + sizeof(int);
        writer.Write(stream.Length - HeaderLength);
        stream.Position = stream.Length;
        writer.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    /// <summary>Reads a state.</summary>
    /// <exception cref="InvalidDataException">
    /// The bytes are not a checkpoint, are damaged, or have another version. The message says which.
    /// </exception>
    public static TrainingState Read(byte[] bytes)
    {
        var length = LengthOf(bytes, bytes.Length);
        var end = HeaderLength + length;
        if (!SHA256.HashData(bytes.AsSpan(0, end)).AsSpan().SequenceEqual(bytes.AsSpan(end)))
            throw new InvalidDataException("its checksum does not match: it is damaged.");
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, HeaderLength, length));
            var state = ReadState(reader);
            return reader.BaseStream.Position == length ? state : throw new InvalidDataException("it has data after the checkpoint.");
        }
        catch (Exception e) when (e is EndOfStreamException
            or FormatException or ArgumentException or JsonException or OverflowException or NotSupportedException)
        {
            throw new InvalidDataException($"it cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a state from a file. It checks the header first, and does not read a file of the wrong length.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <inheritdoc cref="Read(byte[])" path="/exception"/>
    public static TrainingState Read(Stream file)
    {
        var header = new byte[HeaderLength];
        var read = file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        var bytes = new byte[HeaderLength + LengthOf(header.AsSpan(0, read), file.Length) + SHA256.HashSizeInBytes];
        header.CopyTo(bytes, 0);
        file.ReadExactly(bytes.AsSpan(HeaderLength));
        return Read(bytes);
    }

    /// <summary>Returns the length of the content between the header and the checksum.</summary>
    private static int LengthOf(ReadOnlySpan<byte> start, long fileLength)
    {
        if (start.Length < HeaderLength || BitConverter.ToUInt64(start) != Mark) throw new InvalidDataException("it is not a checkpoint.");
        var version = BitConverter.ToInt32(start[sizeof(ulong)..]);
        if (version != Version) throw new InvalidDataException($"its version must be {Version}. Received: {version}.");
        if (fileLength > Array.MaxLength)
            throw new InvalidDataException($"it has {fileLength} bytes, which are more than a checkpoint can have.");
        var length = BitConverter.ToInt64(start[(sizeof(ulong) + sizeof(int))..]);
        return length >= 0 && length == fileLength - HeaderLength - SHA256.HashSizeInBytes
            ? (int)length
            : throw new InvalidDataException("it is truncated, or has data after its end.");
    }

    private static void WriteState(BinaryWriter writer, TrainingState state)
    {
        writer.Write(JsonSerializer.Serialize(state.Identity));
        writer.Write(state.Epoch);
        writer.Write(state.Step);
        writer.Write(state.Ended is { } reason ? (int)reason : -1);
        writer.Write(JsonSerializer.Serialize(state.Rates));
        writer.Write(state.Epochs.Count);
        foreach (var epoch in state.Epochs) WriteEpoch(writer, epoch);
        WriteArray(writer, state.BatchRates.AsSpan());
        WriteArray(writer, state.Best.AsSpan());
        WriteArray(writer, state.LastGood.AsSpan());
        WriteArray(writer, state.Engine.AsSpan());
    }

    private static TrainingState ReadState(BinaryReader reader)
    {
        var identity = JsonSerializer.Deserialize<TrainingIdentity>(reader.ReadString(), Strict)
            ?? throw new FormatException("it does not name its training.");
        var (epoch, step, ended) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        if (epoch < 0 || step < 0 || ended < -1 || (ended >= 0 && !Enum.IsDefined((StopReason)ended)))
            throw new FormatException("its epoch, step or stop reason is not valid.");
        var rates = JsonSerializer.Deserialize<ValueList<LrSchedulerState>>(reader.ReadString(), Strict);
        if (rates.Any(state => state?.IsWhole != true)) throw new FormatException("the states of its schedules are incomplete.");
        var epochs = new List<EpochRecord>();
        for (var left = Count(reader, LeastEpoch); left > 0; left--) epochs.Add(ReadEpoch(reader));
        return new TrainingState(
            identity, epoch, step, ended < 0 ? null : (StopReason)ended, rates, [.. epochs],
            ReadArray<double>(reader), ReadBytes(), ReadBytes(), ReadBytes());

        ImmutableArray<byte> ReadBytes() => ImmutableCollectionsMarshal.AsImmutableArray(ReadArray<byte>(reader));
    }

    private static void WriteEpoch(BinaryWriter writer, EpochRecord epoch)
    {
        writer.Write(epoch.Epoch);
        WriteArray(writer, epoch.LearningRates.AsSpan());
        WriteArray(writer, epoch.BatchLearningRates.AsSpan());
        writer.Write(epoch.TrainingLoss);
        writer.Write(epoch.Duration.Ticks);
        writer.Write(epoch.ValidationMetrics.Count);
        foreach (var (metric, value) in epoch.ValidationMetrics)
        {
            writer.Write((int)metric);
            writer.Write(value);
        }
    }

    private static EpochRecord ReadEpoch(BinaryReader reader)
    {
        var (number, rates, batchRates) = (reader.ReadInt32(), ReadArray<double>(reader), ReadArray<double>(reader));
        var (loss, ticks) = (reader.ReadDouble(), reader.ReadInt64());
        var metrics = ImmutableSortedDictionary.CreateBuilder<Metric, double>();
        for (var left = Count(reader, sizeof(int) + sizeof(double)); left > 0; left--)
        {
            var metric = (Metric)reader.ReadInt32();
            metrics.Add(Enum.IsDefined(metric) ? metric : throw new FormatException("it has an unknown metric."), reader.ReadDouble());
        }

        return new EpochRecord
        {
            Epoch = number,
            LearningRates = rates,
            BatchLearningRates = batchRates,
            TrainingLoss = loss,
            ValidationMetrics = metrics.ToImmutable(),
            Duration = new TimeSpan(ticks),
        };
    }

    private static void WriteArray<T>(BinaryWriter writer, ReadOnlySpan<T> values) where T : unmanaged
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values));
    }

    private static T[] ReadArray<T>(BinaryReader reader) where T : unmanaged
    {
        var values = new T[Count(reader, Marshal.SizeOf<T>())];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>
    /// Reads the length of a list, after checking that the file is long enough for it. So a damaged length allocates no memory.
    /// </summary>
    /// <param name="reader">The reader of the file.</param>
    /// <param name="bytes">The minimum size of an element, in bytes.</param>
    private static int Count(BinaryReader reader, int bytes)
    {
        var count = reader.ReadInt32();
        return count >= 0 && (long)count * bytes <= reader.BaseStream.Length - reader.BaseStream.Position
            ? count
            : throw new FormatException($"a list of {Quantity.Of(count, "value")} is longer than the file.");
    }
}
