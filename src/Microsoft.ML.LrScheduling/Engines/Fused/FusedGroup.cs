using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines.Sparse;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>A parameter group of all models: the weights or the biases, and what the optimizer remembers of them.</summary>
/// <param name="values">The parameters.</param>
/// <param name="features">The features of a row; 1 for the biases; 0 for weights that are kept elsewhere.</param>
/// <param name="settings">The penalties of each model.</param>
/// <param name="layout">Where the parameters stand.</param>
internal sealed class FusedGroup(AlignedArray values, int features, Penalties[] settings, WeightLayout layout)
{
    private readonly AlignedArray?[] _states = new AlignedArray?[3];

    /// <summary>The weights of all models.</summary>
    public static FusedGroup OfWeights(LinearProblem problem, WeightLayout layout, AlignedArray weights) =>
        new(weights, layout.Features, [.. problem.Models.Select(Penalties.Of)], layout);

    /// <summary>Weights of all models that are kept elsewhere.</summary>
    public static FusedGroup OfWeights(LinearProblem problem, WeightLayout layout) =>
        new(new AlignedArray(0), features: 0, [.. problem.Models.Select(Penalties.Of)], layout);

    /// <summary>The biases of all models, which are free of penalties.</summary>
    public static FusedGroup OfBiases(LinearProblem problem, WeightLayout layout, AlignedArray biases) =>
        new(biases, features: 1, new Penalties[problem.Models.Count], layout);

    /// <summary>The parameters.</summary>
    public AlignedArray Values { get; private set; } = values;

    /// <summary>The penalties of each model.</summary>
    public Penalties[] Settings => settings;

    /// <summary>Whether a model has a decay of its gradient.</summary>
    public bool Decays { get; } = Array.Exists(settings, own => own.Decay != 0);

    /// <summary>Whether a model has a decay apart from its gradient.</summary>
    public bool DecaysApart { get; } = Array.Exists(settings, own => own.DetachedDecay != 0);

    /// <summary>Whether a model has a penalty λ · ‖w‖₁.</summary>
    public bool Shrinks { get; } = Array.Exists(settings, own => own.L1 != 0);

    /// <summary>The factors of the step, lane by lane.</summary>
    public FactorLanes Factors { get; } = new(layout.LaneLength);

    /// <summary>The numbers of this step, a model.</summary>
    public StepNumbers[] Numbers { get; } = new StepNumbers[layout.Models];

    /// <summary>Whether a momentum has begun, a model.</summary>
    public bool[] HasMomentum { get; } = new bool[layout.Models];

    /// <summary>What the optimizer remembers of each parameter, which begins with zero.</summary>
    public AlignedArray State(int i) => _states[i] ??= new AlignedArray(Values.Length);

    /// <summary>Makes place for so many parameters, all zero.</summary>
    public void Resize(int length)
    {
        Values = new AlignedArray(length);
        Array.Clear(_states);
    }

    /// <summary>Gives what the optimizer remembers of a model's parameters a value to begin with.</summary>
    public void Fill(int i, int model, float value)
    {
        var state = State(i).Elements;
        for (var parameter = 0; parameter < layout.Outputs * features; parameter++) state[Place(model, parameter)] = value;
    }

    /// <summary>Writes what belongs to a model.</summary>
    public void Save(int model, BinaryWriter writer)
    {
        writer.Write(layout.Outputs * features);
        var own = new float[layout.Outputs * features];
        Write(Values);
        foreach (var state in _states)
        {
            writer.Write(state is not null);
            if (state is not null) Write(state);
        }

        writer.Write(HasMomentum[model]);

        void Write(AlignedArray array)
        {
            for (var i = 0; i < own.Length; i++) own[i] = array.Elements[Place(model, i)];
            writer.Write(MemoryMarshal.AsBytes(own.AsSpan()));
        }
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is of another model.</exception>
    public void Load(int model, BinaryReader reader)
    {
        var own = new float[layout.Outputs * features];
        var length = reader.ReadInt32();
        if (length != own.Length) throw new InvalidDataException($"There must be {own.Length} parameters. Received: {length}");
        Read(Values);
        for (var i = 0; i < _states.Length; i++)
            if (reader.ReadBoolean()) Read(State(i));
        HasMomentum[model] = reader.ReadBoolean();

        void Read(AlignedArray array)
        {
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(own.AsSpan()));
            for (var i = 0; i < own.Length; i++) array.Elements[Place(model, i)] = own[i];
        }
    }

    // Parameters by output and then by feature, as LinearWeights has them.
    private int Place(int model, int i) => i % features * layout.Stride + layout.ColumnOf(model, i / features);
}

/// <summary>The factors of a step, each as many times as weights repeat.</summary>
internal sealed class FactorLanes(int length)
{
    public AlignedArray Rate { get; } = new(length);

    public AlignedArray Keep { get; } = new(length);

    public AlignedArray Gain { get; } = new(length);

    public AlignedArray Momentum { get; } = new(length);

    public AlignedArray Shrink { get; } = Ones(length);

    /// <summary>What is kept of the mean of squares, and what is added to it.</summary>
    public AlignedArray SquareKeep { get; } = new(length);

    public AlignedArray SquareGain { get; } = new(length);

    /// <summary>What the root of that mean is divided by.</summary>
    public AlignedArray SquareBias { get; } = Ones(length);

    /// <summary>What keeps divisors from zero; 1 where there is no model.</summary>
    public AlignedArray Epsilon { get; } = Ones(length);

    public AlignedArray Decay { get; } = new(length);

    /// <summary>By how much weights come nearer to zero after the step.</summary>
    public AlignedArray Threshold { get; } = new(length);

    private static AlignedArray Ones(int length)
    {
        var lanes = new AlignedArray(length);
        lanes.Elements.Fill(1);
        return lanes;
    }
}
