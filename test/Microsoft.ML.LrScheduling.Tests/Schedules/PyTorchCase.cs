using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>A configuration of a PyTorch scheduler, and the rates and momenta that PyTorch gave for it.</summary>
/// <param name="Id">What the case is called.</param>
/// <param name="Kind">PyTorch's class.</param>
/// <param name="Schedule">The same configuration, ours.</param>
/// <param name="BaseRates">The rate that each group began with.</param>
/// <param name="Metrics">The metric of each step; null where none is watched.</param>
/// <param name="Rates">The rates after each step, those before the first one first.</param>
/// <param name="Momenta">The momenta at the same times; null where they are left alone.</param>
internal sealed record PyTorchCase(
    string Id, string Kind, LrSchedule Schedule, double[] BaseRates, double[]? Metrics, double[][] Rates, double[][]? Momenta)
{
    /// <summary>Reads a line of JSON. Its nesting becomes ours; names and values are left to <see cref="LrSchedule.FromJson"/>.</summary>
    public static PyTorchCase Read(string line)
    {
        using var document = JsonDocument.Parse(line);
        var json = document.RootElement;
        var kind = json.GetProperty("scheduler").GetString()!;
        var parameters = json.GetProperty("params");
        var schedule = LrSchedule.FromJson(Translate(kind, parameters).ToJsonString());
        return new PyTorchCase(
            json.GetProperty("id").ToString(),
            kind,
            schedule,
            json.GetProperty("base_lrs").Deserialize<double[]>()!,
            json.TryGetProperty("metrics", out var metrics) ? [.. metrics.EnumerateArray().Select(Number)] : null,
            json.GetProperty("lrs").Deserialize<double[][]>()!,
            json.TryGetProperty("momenta", out var momenta) ? momenta.Deserialize<double[][]>() : null);
    }

    /// <summary>Walks along the whole curve; fails at the first rate or momentum that is not PyTorch's to 1e-12, relative.</summary>
    public void AssertIsOurs()
    {
        var scheduler = Schedule.Start(BaseRates);
        for (var step = 0; step < Rates.Length; step++)
        {
            if (step > 0 && Metrics is null) scheduler.Step();
            if (step > 0 && Metrics is not null) scheduler.Step(Metrics[step - 1]);
            AssertAlike(Rates[step], scheduler.LearningRates, BaseRates, $"rate of case {Id} ({Schedule}), step {step}");
            AssertAlike(Momenta?[step] ?? [], scheduler.Momenta, BaseRates, $"momentum of case {Id} ({Schedule}), step {step}");
        }
    }

    /// <summary>
    /// PyTorch goes from rate to rate, ours from the step: where a rate comes down to zero, rounding leaves of PyTorch's some 1e-17 of the
    /// initial rate.
    /// </summary>
    private static void AssertAlike(double[] expected, IReadOnlyList<double> actual, double[] initial, string what)
    {
        Assert.AreEqual(expected.Length, actual.Count, $"groups with a {what}");
        for (var group = 0; group < expected.Length; group++)
            if (actual[group] != 0 || Math.Abs(expected[group]) > 1e-15 * initial[group])
                Assert.AreEqual(expected[group], actual[group], 1e-12 * Math.Abs(expected[group]), $"{what}, group {group}");
    }

    private static JsonObject Translate(string kind, JsonElement parameters)
    {
        var ours = new JsonObject { ["type"] = kind };
        foreach (var parameter in parameters.EnumerateObject())
            if (parameter.NameEquals("schedulers"))
                ours["schedulers"] = new JsonArray([.. parameter.Value.EnumerateArray().Select(part =>
                    Translate(part.GetProperty("scheduler").GetString()!, part.GetProperty("params")))]);
            else ours[parameter.Name] = JsonNode.Parse(parameter.Value.GetRawText());
        return ours;
    }

    private static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.Parse(value.GetString()!, CultureInfo.InvariantCulture);
}
