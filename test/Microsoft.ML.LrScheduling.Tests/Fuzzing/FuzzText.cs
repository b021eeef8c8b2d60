using System.Text;

namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

/// <summary>Inputs that are text.</summary>
internal static class FuzzText
{
    public static string Of(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static IEnumerable<byte[]> Bytes(IEnumerable<string> texts) => texts.Select(Encoding.UTF8.GetBytes);

    /// <summary>A text again and again, with commas between.</summary>
    public static byte[] List(string start, string repeated, int count, string end) =>
        Repeat(start, repeated + ",", count - 1, repeated + end);

    /// <summary>A text again and again.</summary>
    public static byte[] Repeat(string start, string repeated, int count, string end)
    {
        var text = new StringBuilder(start, start.Length + repeated.Length * count + end.Length);
        return Bytes(text.Insert(start.Length, repeated, count).Append(end).ToString());
    }
}
