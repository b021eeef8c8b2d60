using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Reads the settings of PyTorch that have another name or form here: <c>step_size</c>, <c>T_max</c> and <c>schedulers</c> are other names;
/// <c>last_epoch</c> is the start step minus 1; the product of <c>epochs</c> and <c>steps_per_epoch</c> is <c>totalSteps</c>;
/// <c>verbose</c> and the optimizer are ignored.
/// </summary>
internal sealed partial class TorchSettings(ScheduleKind kind)
{
    private const string LastEpoch = "lastepoch", Epochs = "epochs", StepsPerEpoch = "stepsperepoch", Verbose = "verbose";

    // As PyTorch's constructors take them behind the optimizer. Of older versions verbose is the last.
    private static readonly FrozenDictionary<string, string[]> Orders = new Dictionary<string, string>
    {
        [nameof(LambdaLR)] = "lr_lambda last_epoch verbose",
        [nameof(MultiplicativeLR)] = "lr_lambda last_epoch verbose",
        [nameof(StepLR)] = "step_size gamma last_epoch verbose",
        [nameof(MultiStepLR)] = "milestones gamma last_epoch verbose",
        [nameof(ConstantLR)] = "factor total_iters last_epoch verbose",
        [nameof(LinearLR)] = "start_factor end_factor total_iters last_epoch verbose",
        [nameof(ExponentialLR)] = "gamma last_epoch verbose",
        [nameof(SequentialLR)] = "schedulers milestones last_epoch verbose",
        [nameof(PolynomialLR)] = "total_iters power last_epoch verbose",
        [nameof(CosineAnnealingLR)] = "T_max eta_min last_epoch verbose",
        [nameof(ReduceLROnPlateau)] = "mode factor patience threshold threshold_mode cooldown min_lr eps verbose",
        [nameof(CyclicLR)] = "base_lr max_lr step_size_up step_size_down mode gamma scale_fn scale_mode cycle_momentum base_momentum "
            + "max_momentum last_epoch verbose",
        [nameof(CosineAnnealingWarmRestarts)] = "T_0 T_mult eta_min last_epoch verbose",
        [nameof(OneCycleLR)] = "max_lr total_steps epochs steps_per_epoch pct_start anneal_strategy cycle_momentum base_momentum "
            + "max_momentum div_factor final_div_factor three_phase last_epoch verbose",
        [nameof(SWALR)] = "swa_lr anneal_epochs anneal_strategy last_epoch",
    }.ToFrozenDictionary(order => order.Key, order => order.Value.Split(' '));

    private readonly ScheduleProperty? _totalSteps = kind.Properties.FirstOrDefault(property => property.Name == "totalSteps");
    private readonly Dictionary<string, int> _numbers = [];

    /// <summary>The property of a type with this name or its PyTorch name; null if there is none.</summary>
    public static ScheduleProperty? Find(ScheduleKind kind, string name)
    {
        foreach (var property in kind.Properties)
            if (property.Name == name || (name.Contains('_') && property.Name.Equals(Plain(name), StringComparison.OrdinalIgnoreCase)))
                return property;
        return Plain(name) switch
        {
            "schedulers" => kind.Properties.FirstOrDefault(property => property.HoldsSchedules),
            // decayType chooses the shape, as annealStrategy does for other schedules.
            "annealstrategy" => kind.Properties.FirstOrDefault(property => property.Name == "decayType"),
            _ => null,
        };
    }

    /// <summary>Stores a setting that is not a property of the type, if it is a setting of PyTorch. Returns false if it is not.</summary>
    /// <exception cref="FormatException">It is a setting of PyTorch with an invalid value.</exception>
    public bool Take(string name, JsonElement value)
    {
        var plain = Plain(name);
        if (plain == Verbose) return value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.String;
        if (plain != LastEpoch && (_totalSteps is null || plain is not (Epochs or StepsPerEpoch))) return false;
        var least = plain == LastEpoch ? -1 : 1;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number) || number < least || number == int.MaxValue)
            throw new FormatException($"{name} must be a whole number, at least {least}");
        _numbers[plain] = number;
        return true;
    }

    /// <summary>Sets the properties that follow from the stored settings.</summary>
    /// <param name="schedule">A schedule that no other code has seen yet.</param>
    /// <param name="given">The properties that have been set.</param>
    /// <exception cref="FormatException">Settings contradict each other.</exception>
    public void Apply(LrSchedule schedule, ISet<string> given)
    {
        if (_numbers.TryGetValue(LastEpoch, out var last)) Set(kind.Properties.First(property => property.Name == "startStep"), last + 1);
        var hasEpochs = _numbers.TryGetValue(Epochs, out var epochs);
        if (hasEpochs != _numbers.TryGetValue(StepsPerEpoch, out var stepsPerEpoch))
            throw new FormatException("epochs and stepsPerEpoch must be given together");
        if (hasEpochs) Set(_totalSteps!, (long)epochs * stepsPerEpoch);

        void Set(ScheduleProperty property, object value)
        {
            if (!given.Add(property.Name)) throw new FormatException($"{property.Name} must be given once. Received: twice");
            property.Set(schedule, value);
        }
    }

    /// <summary>Removes Python's module names, or the class of the factory methods, from the name of a type.</summary>
    public static string WithoutModule(string name) => Module.Replace(name, "");

    /// <summary>Whether a word is a usual name for an optimizer: <c>optimizer</c>, <c>self.optimizer</c>, <c>opt</c>.</summary>
    public static bool IsOptimizer(string word) => word[(word.AsSpan().LastIndexOfAny('.', '_') + 1)..] is "optimizer" or "optim" or "opt";

    /// <summary>The parameters of PyTorch's class after the optimizer, in order; null for a type that PyTorch does not have.</summary>
    public static string[]? OrderOf(string kind) => Orders.GetValueOrDefault(kind);

    /// <summary>Whether a setting of PyTorch is a length that Python programs usually compute, as in <c>len(loader)</c>.</summary>
    public static bool IsLength(string name) => Plain(name) is Epochs or StepsPerEpoch or "totalsteps";

    /// <summary>Finds the start of a Python lambda, such as <c>lambda epoch:</c>, and its position; null if there is none.</summary>
    public static (int Start, int End, string Text)? FindLambda(string text) =>
        Lambda.Match(text) is { Success: true } found ? (found.Index, found.Index + found.Length, found.Value) : null;

    [GeneratedRegex(@"\A(((torch\.)?optim\.)?(lr_scheduler|swa_utils)|LrSchedule)\.", RegexOptions.CultureInvariant)]
    private static partial Regex Module { get; }

    [GeneratedRegex(@"\blambda\s+\w+\s*:", RegexOptions.CultureInvariant)]
    private static partial Regex Lambda { get; }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
