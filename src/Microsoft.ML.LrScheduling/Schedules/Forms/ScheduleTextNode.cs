using System.Text.Json.Nodes;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A node of the syntax tree of a schedule's text form. It is converted to the JSON form, whose reader checks types and values.
/// </summary>
/// <param name="Offset">The position of its first character in the text, from 0.</param>
internal abstract record ScheduleTextNode(int Offset)
{
    /// <summary>Converts the node to JSON, and records the position of each JSON path in <paramref name="source"/>.</summary>
    /// <exception cref="FormatException">There is no JSON form.</exception>
    public JsonNode? ToJson(string path, ScheduleTextSource source)
    {
        source.Offsets[path] = Offset;
        return ToJsonCore(path, source);
    }

    private protected abstract JsonNode? ToJsonCore(string path, ScheduleTextSource source);
}

/// <summary>A number, a word or an expression.</summary>
/// <param name="Offset">Where it begins, from 0.</param>
/// <param name="Value">The value.</param>
/// <param name="IsWord">Whether it is a word without quotes.</param>
internal sealed record ScheduleTextScalar(int Offset, JsonNode? Value, bool IsWord = false) : ScheduleTextNode(Offset)
{
    private protected override JsonNode? ToJsonCore(string path, ScheduleTextSource source) => Value;
}

/// <summary>A list in brackets.</summary>
internal sealed record ScheduleTextList(int Offset, ScheduleTextNode[] Items) : ScheduleTextNode(Offset)
{
    private protected override JsonNode ToJsonCore(string path, ScheduleTextSource source) =>
        new JsonArray([.. Items.Select((item, index) => item.ToJson($"{path}[{index}]", source))]);
}

/// <summary>A schedule: its type and, in parentheses, its settings.</summary>
internal sealed record ScheduleTextCall(int Offset, string Kind, ScheduleTextSetting[] Settings) : ScheduleTextNode(Offset)
{
    // PyTorch code passes an optimizer as the first argument. It is ignored, because these schedules belong to no optimizer.
    private ScheduleTextSetting[] SettingsWithoutOptimizer =>
    [
        .. Settings is [{ Name: null, Value: ScheduleTextScalar { IsWord: true, Value: { } word } }, .. var others]
            && TorchSettings.IsOptimizer($"{word}") ? others : Settings,
    ];

    private bool IsOfTorch => SettingsWithoutOptimizer.Length < Settings.Length
        || Settings.Any(static setting => setting.Name is { } name && TorchSettings.IsOptimizer(name));

    private protected override JsonNode ToJsonCore(string path, ScheduleTextSource source)
    {
        if (!ScheduleKind.All.TryGetValue(Kind, out var kind))
            throw ScheduleTextParser.Error(Offset, ScheduleKind.Unknown(Kind));
        var json = new JsonObject { [ScheduleJson.TypeProperty] = Kind };
        foreach (var setting in Named(kind))
        {
            var name = setting.Name!;
            if (TorchSettings.IsOptimizer(name)) continue;
            // In PyTorch None stands for the default of a setting, whatever it is.
            if (IsOfTorch && setting.Value is ScheduleTextScalar { Value: null }) continue;
            if (TorchSettings.IsLength(name) && setting.Value is ScheduleTextCall or ScheduleTextScalar { IsWord: true })
                throw ScheduleTextParser.Error(
                    setting.Offset, $"{name} must be a number. Leave it out, and the length follows from the training run");
            if (json.ContainsKey(name))
                throw ScheduleTextParser.Error(setting.Offset, $"{name} must be given once. Received: twice");
            json.Add(name, setting.Value.ToJson($"{path}.{name}", source));
            source.Offsets[$"{path}.{name}"] = setting.Offset;
        }

        return json;
    }

    /// <summary>
    /// Returns all settings by name. A setting without a name is the parameter of the factory method at its position. After an optimizer,
    /// it is the parameter of PyTorch's class at that position.
    /// </summary>
    private IEnumerable<ScheduleTextSetting> Named(ScheduleKind kind)
    {
        var settings = SettingsWithoutOptimizer;
        var torch = IsOfTorch ? TorchSettings.OrderOf(Kind) : null;
        var names = torch ?? [.. kind.Ordered.Select(property => property.Name)];
        var unnamed = 0;
        while (unnamed < settings.Length && settings[unnamed].Name is null) unnamed++;
        foreach (var setting in settings.AsSpan(unnamed))
            if (setting.Name is null)
                throw ScheduleTextParser.Error(setting.Offset, "values without a name must come before values with a name");

        var last = names.Length - 1;
        if (torch is null && kind.TakesMany && unnamed > last + 1)
        {
            var many = settings[last..unnamed];
            return
            [
                .. settings[..last].Select((setting, i) => setting with { Name = names[i] }),
                new(many[0].Offset, names[last], new ScheduleTextList(many[0].Offset, [.. many.Select(one => one.Value)])),
                .. settings[unnamed..],
            ];
        }

        if (unnamed > last + 1)
            throw ScheduleTextParser.Error(settings[last + 1].Offset,
                $"{Kind} takes {last + 1} value{(last == 0 ? "" : "s")} without a name, "
                + $"{string.Join(", ", names)}. Received: {unnamed}");
        return settings.Select((setting, i) => i < unnamed ? setting with { Name = names[i] } : setting);
    }
}

/// <summary>A setting of a schedule.</summary>
/// <param name="Offset">Where it begins, from 0.</param>
/// <param name="Name">The name; null if the position determines it.</param>
/// <param name="Value">The value.</param>
internal sealed record ScheduleTextSetting(int Offset, string? Name, ScheduleTextNode Value);

/// <summary>Maps the JSON form back to the text, for error messages.</summary>
internal sealed record ScheduleTextSource
{
    /// <summary>The position in the text of each path in the JSON form.</summary>
    public Dictionary<string, int> Offsets { get; } = [];

    /// <summary>Returns the position of a path, or of the nearest known path around it; null if there is none.</summary>
    public int? OffsetOf(string path)
    {
        for (var end = path.Length; end > 0; end = path.AsSpan(0, end).LastIndexOfAny('.', '['))
            if (Offsets.TryGetValue(path[..end], out var offset))
                return offset;
        return null;
    }
}
