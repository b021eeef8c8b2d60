using System.Text.Json.Nodes;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A part of the text form of a schedule, and where it stands. It turns into the JSON form, in which kinds and values are checked.
/// </summary>
/// <param name="Offset">Where it begins, from 0.</param>
internal abstract record ScheduleTextNode(int Offset)
{
    /// <summary>The JSON form; notes in <paramref name="offsets"/> where each path of it stands in the text.</summary>
    /// <exception cref="FormatException">There is no JSON form.</exception>
    public JsonNode? ToJson(string path, Dictionary<string, int> offsets)
    {
        offsets[path] = Offset;
        return ToJsonCore(path, offsets);
    }

    private protected abstract JsonNode? ToJsonCore(string path, Dictionary<string, int> offsets);
}

/// <summary>A number, a word or an expression.</summary>
internal sealed record ScheduleTextScalar(int Offset, JsonNode? Value) : ScheduleTextNode(Offset)
{
    private protected override JsonNode? ToJsonCore(string path, Dictionary<string, int> offsets) => Value;
}

/// <summary>Values in brackets.</summary>
internal sealed record ScheduleTextList(int Offset, ScheduleTextNode[] Items) : ScheduleTextNode(Offset)
{
    private protected override JsonNode ToJsonCore(string path, Dictionary<string, int> offsets) =>
        new JsonArray([.. Items.Select((item, index) => item.ToJson($"{path}[{index}]", offsets))]);
}

/// <summary>A kind of schedule and, in parentheses, its settings.</summary>
internal sealed record ScheduleTextCall(int Offset, string Kind, ScheduleTextSetting[] Settings) : ScheduleTextNode(Offset)
{
    private protected override JsonNode ToJsonCore(string path, Dictionary<string, int> offsets)
    {
        if (!ScheduleKind.All.ContainsKey(Kind))
            throw ScheduleTextParser.Error(Offset, $"unknown schedule {Kind}, expected one of {ScheduleKind.Names}");
        var json = new JsonObject { [ScheduleJson.TypeProperty] = Kind };
        foreach (var setting in Settings)
        {
            var name = setting.Name ?? NameOf(setting);
            if (json.ContainsKey(name))
                throw ScheduleTextParser.Error(setting.Offset, $"{name} must be given once. Received: twice");
            json.Add(name, setting.Value.ToJson($"{path}.{name}", offsets));
            offsets[$"{path}.{name}"] = setting.Offset;
        }

        return json;
    }

    private string NameOf(ScheduleTextSetting setting) =>
        setting == Settings[0] && ScheduleKind.All[Kind].Composed is { } composed
            ? composed.Name
            : throw ScheduleTextParser.Error(setting.Offset, "expected the name of a setting and `:` before its value");
}

/// <summary>A setting of a schedule; only the schedules that a composite is made of may go without a name.</summary>
internal sealed record ScheduleTextSetting(int Offset, string? Name, ScheduleTextNode Value);
