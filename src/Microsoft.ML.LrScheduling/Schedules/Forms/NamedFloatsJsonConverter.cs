using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Numbers as an array, in which NaN and the infinities are strings.</summary>
internal sealed class NamedFloatsJsonConverter : JsonConverter<ValueList<double>>
{
    private static readonly JsonSerializerOptions Options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <inheritdoc/>
    public override ValueList<double> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize<ValueList<double>>(ref reader, Options);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ValueList<double> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, Options);
}
