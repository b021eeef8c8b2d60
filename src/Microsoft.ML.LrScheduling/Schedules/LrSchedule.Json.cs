using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

[JsonConverter(typeof(LrScheduleJsonConverter))]
public abstract partial record LrSchedule
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly JsonReaderOptions CountingOptions = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    private static readonly JsonDocumentOptions ReaderOptions = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>
    /// Returns the schedule as JSON, such as <c>{"type":"StepLR","stepSize":30}</c>. Settings at their defaults are omitted, except for
    /// lengths. <c>System.Text.Json</c> writes a property of type <see cref="LrSchedule"/> in the same form, whatever the serializer
    /// options are.
    /// </summary>
    /// <exception cref="ArgumentException">Two settings contradict each other, which a <c>with</c> expression can cause.</exception>
    /// <exception cref="NotSupportedException">A function is a delegate, not an expression.</exception>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, WriterOptions)) ScheduleJson.Write(writer, this);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Reads a schedule from JSON. Comments and trailing commas are allowed; <c>type</c> can be anywhere in its object.</summary>
    /// <param name="json">
    /// A schedule in the format that <see cref="ToJson"/> writes. Objects and arrays can be nested at most 64 levels deep.
    /// </param>
    /// <exception cref="JsonException">
    /// The text is not JSON, names an unknown type or property, lacks a required property, or has a value that is out of range. The
    /// message contains the path.
    /// </exception>
    public static LrSchedule FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            var bytes = Strict.GetBytes(json);
            ScheduleLimits.Check(new Utf8JsonReader(bytes, CountingOptions));
            using var document = JsonDocument.Parse(bytes, ReaderOptions);
            return ScheduleJson.Read(document.RootElement);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // An unpaired surrogate causes these exceptions: the first if it is a character, the second if it is an escape sequence.
            throw new JsonException("$: the JSON holds text that is not Unicode.", e);
        }
    }
}
