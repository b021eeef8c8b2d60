namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// What steps did to weights that none of their rows had a value for, since all weights were last caught up with: by how much the penalty
/// λ · ‖w‖₁ has brought them nearer to zero, and where what is carried with them has moved them, model by model. A weight that knows after
/// how many steps it was last up to date needs no more.
/// </summary>
internal sealed class LeftOutSteps
{
    // Catching up with all weights takes some nanoseconds for each; so often that it counts for little beside the steps, and so rarely
    // that what is kept here is small beside the weights.
    private const int FeaturesPerStep = 16;
    private const int LeastSteps = 1 << 12;
    private const int MostSteps = 1 << 20;

    // So many steps are composed one by one, and then as a block.
    private const int BlockSteps = 1 << BlockShift;
    private const int BlockShift = 5;

    private readonly int _models;
    private readonly double[]? _thresholds;
    // From each step of the block that is not full to now; from each step of a full block to its end; from the end of each full block to
    // the beginning of the one that is not full.
    private readonly Carry[]? _toNow;
    private readonly CarryBeyondOne[]? _toEnd;
    private readonly Carry[]? _fromEnd;

    /// <param name="models">The models.</param>
    /// <param name="features">The features.</param>
    /// <param name="shrinks">Whether there is a penalty λ · ‖w‖₁.</param>
    /// <param name="carries">Whether something is carried with each weight.</param>
    public LeftOutSteps(int models, int features, bool shrinks, bool carries)
    {
        (_models, Capacity) = (models, Math.Clamp(features / FeaturesPerStep, LeastSteps, MostSteps) / BlockSteps * BlockSteps);
        if (shrinks) _thresholds = new double[checked((Capacity + 1) * models)];
        if (!carries) return;
        _toNow = new Carry[(BlockSteps + 1) * models];
        _toEnd = new CarryBeyondOne[checked(Capacity * models)];
        _fromEnd = new Carry[Capacity / BlockSteps * models];
        Clear();
    }

    /// <summary>How many steps there are; what is up to date is so after as many.</summary>
    public int Count { get; private set; }

    /// <summary>How many there can be.</summary>
    public int Capacity { get; }

    /// <summary>Whether no more steps can be added: then all weights are to be caught up with.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>By how much a weight has come nearer to zero that was up to date after some steps.</summary>
    public float Threshold(int model, int steps) =>
        (float)(_thresholds![Count * _models + model] - _thresholds[steps * _models + model]);

    /// <summary>What has become of a weight, and of what is carried with it, that were up to date after some steps.</summary>
    public CarryBeyondOne CarryFrom(int model, int steps)
    {
        var (block, current) = (steps >> BlockShift, Count >> BlockShift);
        if (block == current) return new CarryBeyondOne(_toNow![(steps - (block << BlockShift)) * _models + model]);
        var toEnd = _toEnd![steps * _models + model].ToCarry();
        return new CarryBeyondOne(_toNow![model].After(_fromEnd![block * _models + model].After(toEnd)));
    }

    /// <summary>Adds a step, which leaves weights as they are but for what is said of it next.</summary>
    public void Add()
    {
        _thresholds?.AsSpan(Count * _models, _models).CopyTo(_thresholds.AsSpan((Count + 1) * _models));
        Count++;
        if (_toNow is null) return;
        // What is up to date now has nothing to catch up with.
        var place = Count & BlockSteps - 1;
        _toNow.AsSpan((place == 0 ? BlockSteps : place) * _models, _models).Fill(Carry.Identity);
    }

    /// <summary>Adds to what the last step did to the weights of a model.</summary>
    public void AddThreshold(int model, double threshold) => _thresholds![Count * _models + model] += threshold;

    /// <summary>Adds where the last step moved the weights of a model. The models are to be added in their order.</summary>
    public void AddCarry(int model, in Carry carry)
    {
        var place = Count & BlockSteps - 1;
        var steps = place == 0 ? BlockSteps : place;
        for (var i = model; i < steps * _models; i += _models) _toNow![i] = carry.After(_toNow[i]);
        if (place == 0) EndBlock(model);
    }

    /// <summary>Multiplies what the steps took off the weights of a model, whose scale has changed.</summary>
    public void Scale(int model, double factor)
    {
        for (var i = model; i <= Count * _models + model; i += _models) _thresholds![i] *= factor;
    }

    /// <summary>All weights have been caught up with.</summary>
    public void Clear()
    {
        Count = 0;
        _thresholds?.AsSpan(0, _models).Clear();
        _toNow?.AsSpan(0, _models).Fill(Carry.Identity);
    }

    /// <summary>Writes the steps, of a model.</summary>
    public void Save(int model, BinaryWriter writer)
    {
        writer.Write(Count);
        for (var i = 0; _thresholds is not null && i <= Count; i++) writer.Write(_thresholds[i * _models + model]);
        if (_toNow is null) return;
        var current = Count >> BlockShift;
        for (var i = 0; i <= Count - (current << BlockShift); i++) _toNow[i * _models + model].Write(writer);
        for (var i = 0; i < current << BlockShift; i++) _toEnd![i * _models + model].Write(writer);
        for (var i = 0; i < current; i++) _fromEnd![i * _models + model].Write(writer);
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">There are more steps than there can be.</exception>
    public void Load(int model, BinaryReader reader)
    {
        Count = reader.ReadInt32();
        if (Count < 0 || Count > Capacity)
            throw new InvalidDataException($"There must be at most {Capacity} steps to catch up with. Received: {Count}");
        for (var i = 0; _thresholds is not null && i <= Count; i++) _thresholds[i * _models + model] = reader.ReadDouble();
        if (_toNow is null) return;
        var current = Count >> BlockShift;
        for (var i = 0; i <= Count - (current << BlockShift); i++) _toNow[i * _models + model] = Carry.Read(reader);
        for (var i = 0; i < current << BlockShift; i++) _toEnd![i * _models + model] = CarryBeyondOne.Read(reader);
        for (var i = 0; i < current; i++) _fromEnd![i * _models + model] = Carry.Read(reader);
    }

    private void EndBlock(int model)
    {
        var ended = (Count >> BlockShift) - 1;
        for (var i = 0; i < BlockSteps; i++)
            _toEnd![((ended << BlockShift) + i) * _models + model] = new CarryBeyondOne(_toNow![i * _models + model]);
        for (var block = 0; block < ended; block++)
            _fromEnd![block * _models + model] = _toNow![model].After(_fromEnd[block * _models + model]);
        _fromEnd![ended * _models + model] = Carry.Identity;
        _toNow![model] = Carry.Identity;
    }
}
