using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>
/// Data/schedules.jsonl holds configurations and the rates that PyTorch's schedulers gave for them; the whole curves have to be ours.
/// </summary>
[TestClass]
public sealed class GoldenScheduleTests
{
    private static readonly Dictionary<string, Func<int, double>> Lambdas = new()
    {
        ["1"] = _ => 1,
        ["epoch / 10"] = epoch => epoch / 10.0,
        ["0.95 ** epoch"] = epoch => Math.Pow(0.95, epoch),
        ["0.5 ** (epoch // 5)"] = epoch => Math.Pow(0.5, epoch / 5),
        ["1 - epoch / 1000"] = epoch => 1 - epoch / 1000.0,
        ["1 / (1 + 0.1 * epoch)"] = epoch => 1 / (1 + 0.1 * epoch),
        ["(epoch + 1) ** -0.5"] = epoch => Math.Pow(epoch + 1, -0.5),
    };

    [TestMethod]
    [DataRow("StepLR", 67)]
    [DataRow("LambdaLR", 67)]
    [DataRow("ReduceLROnPlateau", 56)]
    public void Rates_are_those_of_PyTorch(string kind, int count)
    {
        var cases = 0;
        foreach (var line in File.ReadLines(TestData.PathOf("schedules.jsonl")))
        {
            using var document = JsonDocument.Parse(line);
            var golden = document.RootElement;
            if (golden.GetProperty("scheduler").GetString() != kind) continue;
            cases++;
            var id = golden.GetProperty("id").GetInt32();
            var scheduler = Read(kind, golden.GetProperty("params")).Start(golden.GetProperty("base_lrs").Deserialize<double[]>()!);
            var metrics = golden.TryGetProperty("metrics", out var values) ? ReadMetrics(values) : null;
            var expected = golden.GetProperty("lrs").Deserialize<double[][]>()!;
            for (var step = 0; step < expected.Length; step++)
            {
                if (step > 0 && metrics is null) scheduler.Step();
                if (step > 0 && metrics is not null) scheduler.Step(metrics[step - 1]);
                for (var group = 0; group < expected[step].Length; group++)
                    Assert.AreEqual(expected[step][group], scheduler.LearningRates[group], 1e-12 * Math.Abs(expected[step][group]),
                        $"case {id}, step {step}, group {group}");
            }
        }

        Assert.AreEqual(count, cases);
    }

    private static LrSchedule Read(string kind, JsonElement p) => kind switch
    {
        "StepLR" => LrSchedule.StepLR(p.GetProperty("step_size").GetInt32(), p.GetProperty("gamma").GetDouble()),
        "LambdaLR" => LrSchedule.LambdaLR([.. Strings(p.GetProperty("lr_lambda")).Select(text => Lambdas[text])]),
        "ReduceLROnPlateau" => LrSchedule.ReduceLROnPlateau(
            Enum.Parse<PlateauMode>(p.GetProperty("mode").GetString()!, ignoreCase: true),
            p.GetProperty("factor").GetDouble(),
            p.GetProperty("patience").GetInt32(),
            p.GetProperty("threshold").GetDouble(),
            Enum.Parse<ThresholdMode>(p.GetProperty("threshold_mode").GetString()!, ignoreCase: true),
            p.GetProperty("cooldown").GetInt32(),
            p.GetProperty("min_lr") is { ValueKind: JsonValueKind.Array } rates ? rates.Deserialize<double[]>()! : p.GetProperty("min_lr").GetDouble(),
            p.GetProperty("eps").GetDouble()),
        _ => throw new ArgumentException(kind),
    };

    private static IEnumerable<string> Strings(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.Deserialize<string[]>()! : [value.GetString()!];

    private static double[] ReadMetrics(JsonElement values) =>
        [.. values.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Number ? v.GetDouble() : double.Parse(v.GetString()!, System.Globalization.CultureInfo.InvariantCulture))];
}
