using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines.Sparse;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>A parameter group of all models (the weights or the biases), with the state of its optimizers.</summary>
/// <param name="values">The parameters.</param>
/// <param name="features">The number of features; 1 for the biases; 0 for weights that are stored elsewhere.</param>
/// <param name="settings">The penalties of each model.</param>
/// <param name="layout">The layout of the parameters.</param>
internal sealed class FusedGroup(AlignedArray values, int features, Penalties[] settings, WeightLayout layout)
{
    private readonly AlignedArray?[] _states = new AlignedArray?[3];

    /// <summary>Creates the group of the weights of all models.</summary>
    public static FusedGroup OfWeights(LinearProblem problem, WeightLayout layout, AlignedArray weights) =>
        new(weights, layout.Features, [.. problem.Models.Select(Penalties.Of)], layout);

    /// <summary>Creates the group of weights that are stored elsewhere.</summary>
    public static FusedGroup OfWeights(LinearProblem problem, WeightLayout layout) =>
        new(new AlignedArray(0), features: 0, [.. problem.Models.Select(Penalties.Of)], layout);

    /// <summary>Creates the group of the biases of all models, which have no penalties.</summary>
    public static FusedGroup OfBiases(LinearProblem problem, WeightLayout layout, AlignedArray biases) =>
        new(biases, features: 1, new Penalties[problem.Models.Count], layout);

    /// <summary>The parameters.</summary>
    public AlignedArray Values { get; private set; } = values;

    /// <summary>The penalties of each model.</summary>
    public Penalties[] Settings => settings;

    /// <summary>Whether any model has a weight decay that is added to the gradient.</summary>
    public bool Decays { get; } = Array.Exists(settings, own => own.Decay != 0);

    /// <summary>Whether any model has a decoupled weight decay, as in AdamW.</summary>
    public bool DecaysApart { get; } = Array.Exists(settings, own => own.DetachedDecay != 0);

    /// <summary>Whether any model has an L1 penalty λ · ‖w‖₁.</summary>
    public bool Shrinks { get; } = Array.Exists(settings, own => own.L1 != 0);

    /// <summary>The factors of the current step, one value per lane.</summary>
    public FactorLanes Factors { get; } = new(layout.LaneLength);

    /// <summary>The numbers of the current step, one entry per model.</summary>
    public StepNumbers[] Numbers { get; } = new StepNumbers[layout.Models];

    /// <summary>Whether the momentum buffer has been started, one entry per model.</summary>
    public bool[] HasMomentum { get; } = new bool[layout.Models];

    /// <summary>Returns a state of the optimizer, one value per parameter, initially zero.</summary>
    public AlignedArray State(int i) => _states[i] ??= new AlignedArray(Values.Length);

    /// <summary>Replaces the parameters by a number of zeros, and clears the states.</summary>
    public void Resize(int length)
    {
        Values = new AlignedArray(length);
        Array.Clear(_states);
    }

    /// <summary>Sets the initial value of a state for the parameters of a model.</summary>
    public void Fill(int i, int model, float value)
    {
        var state = State(i).Elements;
        for (var parameter = 0; parameter < layout.Outputs * features; parameter++) state[Place(model, parameter)] = value;
    }

    /// <summary>Writes the parameters and states of a model.</summary>
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

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The data belongs to a different model.</exception>
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

    // The saved order is by output and then by feature, as in LinearWeights.
    private int Place(int model, int i) => i % features * layout.Stride + layout.ColumnOf(model, i / features);
}

/// <summary>The factors of a step, with one value per lane.</summary>
internal sealed class FactorLanes(int length)
{
    public AlignedArray Rate { get; } = new(length);

    public AlignedArray Keep { get; } = new(length);

    public AlignedArray Gain { get; } = new(length);

    public AlignedArray Momentum { get; } = new(length);

    public AlignedArray Shrink { get; } = Ones(length);

    /// <summary>The decay of the running mean of squares.</summary>
    public AlignedArray SquareKeep { get; } = new(length);

    public AlignedArray SquareGain { get; } = new(length);

    /// <summary>The bias correction: the root of the mean of squares is divided by it.</summary>
    public AlignedArray SquareBias { get; } = Ones(length);

    /// <summary>The epsilon that is added to divisors; 1 in lanes without a model.</summary>
    public AlignedArray Epsilon { get; } = Ones(length);

    public AlignedArray Decay { get; } = new(length);

    /// <summary>The L1 shrinkage: the amount by which weights move towards zero after the step.</summary>
    public AlignedArray Threshold { get; } = new(length);

    private static AlignedArray Ones(int length)
    {
        var lanes = new AlignedArray(length);
        lanes.Elements.Fill(1);
        return lanes;
    }
}
