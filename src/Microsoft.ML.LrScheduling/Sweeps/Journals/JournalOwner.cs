using System.Globalization;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps.Journals;

/// <summary>
/// A small file next to a journal that names the process which uses it. It is only for the messages of processes that wait. What keeps them
/// out is the lock of the journal, which does not tell who has it.
/// </summary>
internal static class JournalOwner
{
    private const string Extension = ".owner";

    private static ReadOnlySpan<byte> Mark => "{\"process\":"u8;

    /// <summary>Writes that this process uses a journal, if that is possible.</summary>
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
            // A process that waits can then not say for which process.
        }
    }

    /// <summary>Describes the process that uses a journal.</summary>
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

    /// <summary>Deletes the file, when this process no longer uses the journal.</summary>
    public static void Delete(string journal)
    {
        try
        {
            if (OwnFile.MayBeReplaced(journal + Extension, Mark)) File.Delete(journal + Extension);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file that remains does no harm, because it is read only while the journal is locked.
        }
    }
}
