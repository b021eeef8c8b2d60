using System.Globalization;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>
/// Which process uses a journal: a small file beside it, since the journal itself cannot be asked for who has locked it. It is for those
/// who wait; what keeps them out is the lock.
/// </summary>
internal static class JournalOwner
{
    private const string Extension = ".owner";

    private static ReadOnlySpan<byte> Mark => "{\"process\":"u8;

    /// <summary>Says that this process uses a journal, where that can be written.</summary>
    public static void Write(string journal)
    {
        try
        {
            if (!OwnFile.MayBeReplaced(journal + Extension, Mark)) return;
            var owner = JsonSerializer.Serialize(new
            {
                process = Environment.ProcessId,
                host = Environment.MachineName,
                since = DateTime.UtcNow.ToString("s", CultureInfo.InvariantCulture) + "Z",
            });
            File.WriteAllText(journal + Extension, owner + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Those who wait do so without knowing for whom.
        }
    }

    /// <summary>Which process uses a journal, in words.</summary>
    public static string Describe(string journal)
    {
        try
        {
            using var file = UnlockedFile.OpenRead(journal + Extension);
            var bytes = new byte[1024];
            using var owner = JsonDocument.Parse(bytes.AsMemory(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
            var (process, host) = (owner.RootElement.GetProperty("process").GetInt32(), $"{owner.RootElement.GetProperty("host")}");
            var who = process == Environment.ProcessId && host == Environment.MachineName
                ? "another sweep of this process" : $"another process: {process} on {host}";
            return $"{who}, since {owner.RootElement.GetProperty("since")}";
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return "another process";
        }
    }

    /// <summary>Says that this process uses it no more.</summary>
    public static void Delete(string journal)
    {
        try
        {
            if (OwnFile.MayBeReplaced(journal + Extension, Mark)) File.Delete(journal + Extension);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is read only while the journal is locked.
        }
    }
}
