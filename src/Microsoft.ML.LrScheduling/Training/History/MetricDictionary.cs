using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>An immutable dictionary of metrics and their values, in the order of <see cref="Metric"/>.</summary>
[JsonConverter(typeof(Converter))]
public sealed class MetricDictionary : IReadOnlyDictionary<Metric, double>
{
    private readonly ImmutableSortedDictionary<Metric, double> _values;

    internal MetricDictionary(ImmutableSortedDictionary<Metric, double> values) => _values = values;

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <inheritdoc/>
    public IEnumerable<Metric> Keys => _values.Keys;

    /// <inheritdoc/>
    public IEnumerable<double> Values => _values.Values;

    /// <inheritdoc/>
    public double this[Metric key] => _values[key];

    /// <inheritdoc/>
    public bool ContainsKey(Metric key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(Metric key, [MaybeNullWhen(false)] out double value) => _values.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<Metric, double>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Returns the metrics and their values in brackets.</summary>
    public override string ToString() =>
        $"[{string.Join(", ", _values.Select(metric => $"{metric.Key}: {metric.Value.ToString("G4", CultureInfo.InvariantCulture)}"))}]";

    /// <summary>Converts a dictionary of values.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator MetricDictionary(ImmutableSortedDictionary<Metric, double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(values);
    }

    private sealed class Converter : JsonConverter<MetricDictionary>
    {
        public override MetricDictionary Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<ImmutableSortedDictionary<Metric, double>>(ref reader, options)!);

        public override void Write(Utf8JsonWriter writer, MetricDictionary value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value._values, options);
    }
}
