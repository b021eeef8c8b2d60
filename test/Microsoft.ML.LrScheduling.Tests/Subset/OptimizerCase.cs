using System.Globalization;
using System.Text.Json.Nodes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>An optimizer that steps two hundred times with the same gradients as all others.</summary>
/// <param name="Optimizer">Its name.</param>
/// <param name="Options">Its options, as <c>name=value</c>, with 1 for true.</param>
/// <param name="Second">The options of which the second group has others.</param>
/// <param name="Changes">The options of which the first group gets others halfway.</param>
/// <param name="Type">The type of the parameters.</param>
internal sealed record OptimizerCase(string Optimizer, string Options, string Second, string Changes, ScalarType Type)
{
    private const int Steps = 200;

    private const int ChangeStep = 100;

    private static readonly double[][] Starts = [[1, -2, 0.5, 3, -0.25, 0, 1.5, -1, 0.125, 2, -3], [0.75, -1.25]];

    private static readonly double[]?[][] Gradients = Draw();

    /// <summary>The case for torch_optimizers.py.</summary>
    public string ToJson() => new JsonObject
    {
        ["optimizer"] = Optimizer,
        ["dtype"] = Type.ToString().ToLowerInvariant(),
        ["groups"] = new JsonArray(
            new JsonObject { ["start"] = Json(Starts[0]), ["options"] = Json(First) },
            new JsonObject { ["start"] = Json(Starts[1]), ["options"] = Json(Other) }),
        ["gradients"] = new JsonArray([.. Gradients.Select(step => new JsonArray([.. step.Select(Json)]))]),
        ["change"] = new JsonObject { ["step"] = ChangeStep, ["options"] = Json(Parse(Changes)) },
    }.ToJsonString();

    /// <summary>The parameters after each step.</summary>
    public double[][] Run()
    {
        using var scope = NewDisposeScope();
        var parameters = Starts.Select(start => new Parameter(torch.tensor(start, Type))).ToArray();
        using var optimizer = Create(parameters);
        var groups = optimizer.ParamGroups.ToArray();
        var trajectory = new double[Steps][];
        for (var step = 0; step < Steps; step++)
        {
            if (step == ChangeStep) Change(groups[0]);
            foreach (var (parameter, gradient) in parameters.Zip(Gradients[step]))
                parameter.grad = gradient is null ? null : torch.tensor(gradient, Type);
            optimizer.step();
            trajectory[step] = [.. parameters.SelectMany(parameter => parameter.to(ScalarType.Float64).data<double>().ToArray())];
        }

        return trajectory;
    }

    /// <summary>The optimizer of two parameters, a group each.</summary>
    public optim.Optimizer Create(Parameter[] parameters) => Optimizer switch
    {
        "SGD" => optim.SGD(Groups<SGD.ParamGroup, SGD.Options>(parameters), 1),
        "Adam" => optim.Adam(Groups<Adam.ParamGroup, Adam.Options>(parameters)),
        "AdamW" => optim.AdamW(Groups<AdamW.ParamGroup, AdamW.Options>(parameters)),
        "RMSProp" => optim.RMSProp(Groups<RMSProp.ParamGroup, RMSProp.Options>(parameters)),
        "Adagrad" => optim.Adagrad(Groups<Adagrad.ParamGroup, Adagrad.Options>(parameters)),
        _ => throw new InvalidOperationException(Optimizer),
    };

    // torch.optim.AdamW decays weights unless told otherwise, and TorchSharp's does not.
    private Dictionary<string, double> First => Parse("weight_decay=0 " + Options);

    private Dictionary<string, double> Other => Parse($"weight_decay=0 {Options} {Second}");

    private TGroup[] Groups<TGroup, TOptions>(Parameter[] parameters)
        where TGroup : ParamGroup<TOptions>, new()
        where TOptions : OptimizerOptions, new() =>
    [
        new TGroup { Parameters = [parameters[0]], Options = Set(new TOptions(), First) },
        new TGroup { Parameters = [parameters[1]], Options = Set(new TOptions(), Other) },
    ];

    private static TOptions Set<TOptions>(TOptions options, Dictionary<string, double> values) where TOptions : OptimizerOptions
    {
        foreach (var (name, value) in values)
        {
            if (name == "lr")
            {
                options.LearningRate = value;
                continue;
            }

            var field = typeof(TOptions).GetField(name)!;
            field.SetValue(options, field.FieldType == typeof(bool?) ? value != 0 : value);
        }

        return options;
    }

    private void Change(optim.ILearningRateController group)
    {
        foreach (var (name, value) in Parse(Changes))
        {
            if (name == "lr") group.LearningRate = value;
            else if (name == "momentum") ((optim.IMomentum)group).Momentum = value;
            else if (name == "beta1") ((optim.IBetas)group).Betas = (value, ((optim.IBetas)group).Betas.Item2);
            else throw new InvalidOperationException(name);
        }
    }

    // The sizes of gradients differ by step and element; one element never has any, and the second parameter not at every step.
    private static double[]?[][] Draw()
    {
        var random = new Random(1);
        double[] Vector(int length) => [.. Enumerable.Range(0, length).Select(i => i * (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-2, 1)))];
        return
        [
            .. Enumerable.Range(0, Steps).Select(step =>
                new[] { Vector(Starts[0].Length), step % 5 == 2 ? null : Vector(Starts[1].Length) }),
        ];
    }

    private static Dictionary<string, double> Parse(string options)
    {
        var parsed = new Dictionary<string, double>();
        foreach (var option in options.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            parsed[option.Split('=')[0]] = double.Parse(option.Split('=')[1], CultureInfo.InvariantCulture);
        return parsed;
    }

    private static JsonArray? Json(double[]? values) => values is null ? null : new JsonArray([.. values.Select(value => (JsonNode)value)]);

    private static JsonObject Json(Dictionary<string, double> options) =>
        new(options.Select(option => KeyValuePair.Create(option.Key, (JsonNode?)option.Value)));
}
