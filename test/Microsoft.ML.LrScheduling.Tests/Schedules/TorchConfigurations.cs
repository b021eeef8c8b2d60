using System.Text.Json.Nodes;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>
/// Random configurations of PyTorch's schedulers, in its names, from which those are left out that <see cref="DifferentialTests"/> lists as
/// differences. The same seed gives the same ones.
/// </summary>
internal sealed class TorchConfigurations(int seed)
{
    private static readonly string[] Chainable =
        ["MultiplicativeLR", "StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR"];

    private static readonly string[] Sequenceable = [.. Chainable, "LambdaLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts"];

    private static readonly string[] Kinds =
        [.. Sequenceable, "CyclicLR", "OneCycleLR", "ReduceLROnPlateau", "SequentialLR", "ChainedScheduler"];

    private static readonly string[] Lambdas =
    [
        "1", "epoch / 10", "0.95 ** epoch", "0.5 ** (epoch // 5)", "max(0, 1 - epoch / 30)", "1 / (1 + 0.1 * epoch)", "(epoch + 1) ** -0.5",
        "1 + epoch % 3",
    ];

    private static readonly string[] Factors = ["0.95", "1.02", "1 - 1 / (epoch + 2)", "0.5 + 0.5 / epoch"];

    private static readonly string[] Scales = ["1 / (5 ** (x * 0.0001))", "0.9 ** x", "1 / (1 + x)"];

    private readonly Random _random = new(seed);

    /// <summary>The next configuration; kinds take turns.</summary>
    public JsonObject Next(int id)
    {
        var kind = Kinds[id % Kinds.Length];
        var (groups, steps) = (_random.Next(1, 4), _random.Next(20, 80));
        var configuration = new JsonObject
        {
            ["id"] = id,
            ["scheduler"] = kind,
            ["params"] = Parameters(kind, groups, ref steps),
            ["base_lrs"] = Array(groups, () => Round(Math.Pow(10, -4 * _random.NextDouble()))),
            ["steps"] = steps,
        };
        configuration["optimizer"] = kind != "CyclicLR" && _random.Next(2) == 0 ? "Adam" : "SGD";
        if (kind == "ReduceLROnPlateau") configuration["metrics"] = Metrics(steps);
        return configuration;
    }

    private JsonObject Parameters(string kind, int groups, ref int steps) => kind switch
    {
        "LambdaLR" => new() { ["lr_lambda"] = PerGroup(groups, () => Any(Lambdas)) },
        "MultiplicativeLR" => new() { ["lr_lambda"] = PerGroup(groups, () => Any(Factors)) },
        "StepLR" => new() { ["step_size"] = _random.Next(1, 30), ["gamma"] = Gamma() },
        "MultiStepLR" => new() { ["milestones"] = Milestones(_random.Next(6), minimum: 0, steps), ["gamma"] = Gamma() },
        "ConstantLR" => new() { ["factor"] = Fraction(1e-6), ["total_iters"] = _random.Next(1, 40) },
        "LinearLR" => new()
        {
            ["start_factor"] = Fraction(0.01),
            ["end_factor"] = Any(0, 1, Fraction()),
            ["total_iters"] = _random.Next(1, 40),
        },
        "ExponentialLR" => new() { ["gamma"] = Gamma() },
        "PolynomialLR" => new() { ["total_iters"] = _random.Next(1, 60), ["power"] = Any(0.5, 1, 2, 4 * Fraction(0.01)) },
        "CosineAnnealingLR" => new() { ["T_max"] = _random.Next(1, 60), ["eta_min"] = EtaMin() },
        "CosineAnnealingWarmRestarts" => new() { ["T_0"] = _random.Next(1, 20), ["T_mult"] = _random.Next(1, 4), ["eta_min"] = EtaMin() },
        "CyclicLR" => Cyclic(groups),
        "OneCycleLR" => OneCycle(groups, ref steps),
        "ReduceLROnPlateau" => Plateau(groups),
        "SequentialLR" => Composite(Sequenceable, groups, _random.Next(1, 5), steps, hasMilestones: true),
        "ChainedScheduler" => Composite(Chainable, groups, _random.Next(1, 4), steps, hasMilestones: false),
        _ => throw new ArgumentException(kind),
    };

    private JsonObject Cyclic(int groups)
    {
        var parameters = new JsonObject
        {
            ["base_lr"] = PerGroup(groups, () => Round(0.1 * Fraction())),
            ["max_lr"] = PerGroup(groups, () => Round(0.1 + Fraction())),
            ["step_size_up"] = _random.Next(1, 20),
            ["step_size_down"] = _random.Next(1, 20),
        };
        if (_random.Next(3) == 0)
            (parameters["scale_fn"], parameters["scale_mode"]) = (Any(Scales), Any("cycle", "iterations"));
        else
            (parameters["mode"], parameters["gamma"]) = (Any("triangular", "triangular2", "exp_range"), Any(1, Fraction(0.9)));
        return WithMomentum(parameters, groups);
    }

    private JsonObject OneCycle(int groups, ref int steps)
    {
        var parameters = new JsonObject
        {
            ["max_lr"] = PerGroup(groups, () => Fraction(1e-6)),
            ["pct_start"] = Any(0.3, 0.0, 1.0, Fraction()),
            ["anneal_strategy"] = Any("cos", "linear"),
            ["div_factor"] = Any(25, 4, 0.5 + 10 * Fraction()),
            ["final_div_factor"] = Any(1e4, 100, 0.5 + 10 * Fraction()),
            ["three_phase"] = _random.Next(2) == 0,
        };
        if (_random.Next(2) == 0) parameters["total_steps"] = steps + 1;
        else
        {
            var (epochs, batches) = (_random.Next(2, 8), _random.Next(3, 10));
            (parameters["epochs"], parameters["steps_per_epoch"], steps) = (epochs, batches, epochs * batches - 1);
        }

        return WithMomentum(parameters, groups);
    }

    private JsonObject WithMomentum(JsonObject parameters, int groups)
    {
        var cycles = _random.Next(2) == 0;
        parameters["cycle_momentum"] = cycles;
        if (cycles && _random.Next(2) == 0)
            (parameters["base_momentum"], parameters["max_momentum"]) =
                (PerGroup(groups, () => Round(0.8 * Fraction())), PerGroup(groups, () => 0.99 * Fraction(0.8)));
        return parameters;
    }

    private JsonObject Plateau(int groups) => new()
    {
        ["mode"] = Any("min", "max"),
        ["factor"] = Fraction(0.05),
        ["patience"] = _random.Next(6),
        ["threshold"] = Any(0, 1e-4, Round(0.2 * Fraction())),
        ["threshold_mode"] = Any("rel", "abs"),
        ["cooldown"] = _random.Next(4),
        ["min_lr"] = PerGroup(groups, () => Any(0, Round(0.01 * Fraction()))),
        ["eps"] = Any(1e-8, 0, 1e-3),
    };

    private JsonObject Composite(string[] kinds, int groups, int count, int steps, bool hasMilestones)
    {
        var parameters = new JsonObject
        {
            ["schedulers"] = Array(count, () =>
            {
                var kind = Any(kinds);
                return new JsonObject { ["scheduler"] = kind, ["params"] = Parameters(kind, groups, ref steps) };
            }),
        };
        if (hasMilestones) parameters["milestones"] = Milestones(count - 1, minimum: 1, steps);
        return parameters;
    }

    private JsonArray Milestones(int count, int minimum, int steps) =>
        [.. Enumerable.Range(0, count).Select(_ => _random.Next(minimum, steps)).Order().Select(step => JsonValue.Create(step))];

    /// <summary>Metrics that wander down, none of them negative.</summary>
    private JsonArray Metrics(int steps)
    {
        var level = 2.0;
        return Array(steps, () => Round(level = Math.Abs(level + Any(0, 0.2, -0.3) * _random.NextDouble())));
    }

    private JsonNode PerGroup<T>(int groups, Func<T> next) => _random.Next(2) == 0 ? JsonValue.Create(next())! : Array(groups, next);

    private static JsonArray Array<T>(int count, Func<T> next) =>
        [.. Enumerable.Range(0, count).Select(_ => next()).Select(value => value as JsonNode ?? JsonValue.Create(value))];

    private double Gamma() => Any(0.1, 0.5, 0.9, 0.99, 1.01, Fraction(1e-6));

    // Not above the rate to begin with: from rate to rate, as PyTorch computes, digits are lost where the minimum is far above the rate.
    private double EtaMin() => Any(0, 1e-6, Round(1e-4 * Fraction()));

    private double Fraction(double from = 0) => Round(from + (1 - from) * _random.NextDouble());

    private T Any<T>(params T[] values) => values[_random.Next(values.Length)];

    private static double Round(double value) => Math.Round(value, 6);
}
