using Microsoft.ML.LrScheduling.Data;
using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>A parameter group of all models: the weights or the biases, and what the optimizer remembers of them.</summary>
/// <param name="values">The parameters.</param>
/// <param name="features">The features of a row; 1 for the biases.</param>
/// <param name="decay">λ of the decay <c>g ← g + λ · w</c>.</param>
/// <param name="detachedDecay">λ of the decay <c>w ← w − rate · λ · w</c>.</param>
/// <param name="l1">λ of the penalty λ · ‖w‖₁.</param>
/// <param name="layout">Where the parameters stand.</param>
internal sealed class FusedGroup(AlignedArray values, int features, double decay, double detachedDecay, double l1, FusedLayout layout)
{
    private readonly AlignedArray[] _states = new AlignedArray[3];

    /// <summary>The parameters.</summary>
    public AlignedArray Values => values;

    /// <summary>λ of the decay <c>g ← g + λ · w</c>.</summary>
    public float Decay { get; } = (float)decay;

    /// <summary>λ of the decay <c>w ← w − rate · λ · w</c>.</summary>
    public double DetachedDecay => detachedDecay;

    /// <summary>λ of the penalty λ · ‖w‖₁.</summary>
    public double L1 => l1;

    /// <summary>The factors of the step, lane by lane.</summary>
    public FactorLanes Factors { get; } = new(layout.LaneLength);

    /// <summary>Whether a momentum has begun, a model.</summary>
    public bool[] HasMomentum { get; } = new bool[layout.Models];

    /// <summary>What the optimizer remembers of each parameter, for the first use as many times a value as there are parameters.</summary>
    public AlignedArray State(int i, float initial = 0)
    {
        if (_states[i] is { } state) return state;
        state = _states[i] = new AlignedArray(values.Length);
        if (initial != 0) state.Elements.Fill(initial);
        return state;
    }

    /// <summary>Writes what belongs to a model.</summary>
    public void Save(int model, BinaryWriter writer)
    {
        writer.Write(layout.Outputs * features);
        var own = new float[layout.Outputs * features];
        Write(values);
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
        Read(values);
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

    /// <summary>By how much weights come nearer to zero after the step.</summary>
    public AlignedArray Threshold { get; } = new(length);

    private static AlignedArray Ones(int length)
    {
        var lanes = new AlignedArray(length);
        lanes.Elements.Fill(1);
        return lanes;
    }
}
