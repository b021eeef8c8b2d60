namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// What steps did to weights that none of their rows had a value for, since all weights were last caught up with: by how much the penalty
/// λ · ‖w‖₁ has brought them nearer to zero, model by model. A weight that knows when it was last up to date needs no more.
/// </summary>
internal sealed class LeftOutSteps
{
    // Catching up with all weights takes a part of a nanosecond for each; so often that it counts for little beside the steps, and so
    // rarely that what is kept here is small beside the weights.
    private const int WeightsPerStep = 16;
    private const int LeastSteps = 1 << 12;
    private const int MostSteps = 1 << 20;

    private readonly int _models;
    private readonly double[] _thresholds;

    /// <param name="models">The models.</param>
    /// <param name="features">The features.</param>
    public LeftOutSteps(int models, int features)
    {
        (_models, Capacity) = (models, Math.Clamp(features / WeightsPerStep, LeastSteps, MostSteps));
        _thresholds = new double[checked((Capacity + 1) * models)];
    }

    /// <summary>How many steps there are; what is up to date is so after as many.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no more steps can be added: then all weights are to be caught up with.</summary>
    public bool IsFull => Count == Capacity;

    private int Capacity { get; }

    /// <summary>By how much a weight has come nearer to zero that was up to date after some steps.</summary>
    public float Threshold(int model, int steps) =>
        (float)(_thresholds[Count * _models + model] - _thresholds[steps * _models + model]);

    /// <summary>Begins a step, of which nothing has been left out yet.</summary>
    public void Add()
    {
        _thresholds.AsSpan(Count * _models, _models).CopyTo(_thresholds.AsSpan((Count + 1) * _models));
        Count++;
    }

    /// <summary>Adds to what the last step did to the weights of a model.</summary>
    public void AddThreshold(int model, double threshold) => _thresholds[Count * _models + model] += threshold;

    /// <summary>Multiplies what the steps did to the weights of a model, whose scale has changed.</summary>
    public void Scale(int model, double factor)
    {
        for (var i = model; i <= Count * _models + model; i += _models) _thresholds[i] *= factor;
    }

    /// <summary>All weights have been caught up with.</summary>
    public void Clear()
    {
        Count = 0;
        _thresholds.AsSpan(0, _models).Clear();
    }

    /// <summary>Writes the steps, of a model.</summary>
    public void Save(int model, BinaryWriter writer)
    {
        writer.Write(Count);
        for (var i = model; i <= Count * _models + model; i += _models) writer.Write(_thresholds[i]);
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">There are more steps than there can be.</exception>
    public void Load(int model, BinaryReader reader)
    {
        Count = reader.ReadInt32();
        if (Count < 0 || Count > Capacity)
            throw new InvalidDataException($"There must be at most {Capacity} steps to catch up with. Received: {Count}");
        for (var i = model; i <= Count * _models + model; i += _models) _thresholds[i] = reader.ReadDouble();
    }
}
