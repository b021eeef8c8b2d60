using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>What ML.NET 5.0.0 gave for small inputs; see Data/mlnet-5.0.0.json.</summary>
internal static class GoldenFile
{
    private static readonly Lazy<JsonDocument> _document = new(() =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "mlnet-5.0.0.json"))));

    internal static JsonElement Section(params string[] path) =>
        path.Aggregate(_document.Value.RootElement, (element, name) => element.GetProperty(name));

    /// <summary>A number, of which JSON has no NaN.</summary>
    internal static float Single(this JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? float.Parse(element.GetString()!) : element.GetSingle();

    internal static float[] Singles(this JsonElement element) => [.. element.EnumerateArray().Select(Single)];

    internal static double[] Doubles(this JsonElement element) => [.. element.EnumerateArray().Select(item => item.GetDouble())];
}
