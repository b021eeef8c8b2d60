namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>One linear model of a <see cref="TorchEngine"/>: its biases, and the losses that it meets.</summary>
internal abstract class TorchModel : IDisposable
{
    private readonly TensorBuffer _bias;
    private readonly TorchUpdate _biasUpdate;
    private double _lossSum;
    private long _lossRows;

    protected TorchModel(LinearProblem problem, ModelSettings own, TorchWindow window, TorchPlace place)
    {
        (Problem, Own, Window, Outputs) = (problem, own, window, problem.OutputCount);
        _bias = new TensorBuffer(Tensors.Zeros(place, Outputs), place);
        problem.Initial?.Biases.CopyTo(_bias.Elements);
        _bias.ToDevice();
        BiasGradient = new TensorBuffer(Tensors.Zeros(place, Outputs), place);
        _biasUpdate = TorchUpdate.Of(own.Optimizer, place, _bias.Tensor, BiasGradient.Tensor, l2: 0, decays: false);
    }

    /// <summary>The mean loss of the last minibatch, with the weights it met.</summary>
    public double LastLoss { get; private set; }

    /// <summary>What is trained.</summary>
    protected LinearProblem Problem { get; }

    /// <summary>What the model has to itself.</summary>
    protected ModelSettings Own { get; }

    /// <summary>The rows.</summary>
    protected TorchWindow Window { get; }

    /// <summary>The scores of a row.</summary>
    protected int Outputs { get; }

    /// <summary>The gradient of the biases.</summary>
    protected TensorBuffer BiasGradient { get; }

    /// <summary>
    /// One step of the optimizer: scores = X·Wᵀ + b, from them the slopes of the loss, gradient = (1 / rows) · slopesᵀ·X.
    /// </summary>
    public void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta)
    {
        var scores = Scores(start, count);
        AddBiases(scores);
        var loss = Problem.Loss.ToGradients(scores, Outputs, Window.Labels(start, count), Window.Weights(start, count));
        LastLoss = loss / count;
        _lossSum += loss;
        _lossRows += count;
        SumSlopes(scores, count);
        const int Weights = ILinearEngine.WeightGroup, Biases = ILinearEngine.BiasGroup;
        Update(start, count, learningRates[Weights], momenta.IsEmpty ? null : momenta[Weights]);
        BiasGradient.ToDevice();
        _biasUpdate.Step(learningRates[Biases], momenta.IsEmpty ? null : momenta[Biases]);
        _bias.ToHost();
    }

    /// <summary>Between two epochs: makes up for what steps on sparse rows have left out.</summary>
    public virtual void EndEpoch()
    {
    }

    /// <summary>The mean loss since the last call; then starts anew.</summary>
    public double TakeMeanLoss()
    {
        var mean = _lossSum / _lossRows;
        (_lossSum, _lossRows) = (0, 0);
        return mean;
    }

    /// <summary>A copy of the weights and biases.</summary>
    public LinearWeights GetWeights() => new(CopyWeights(), _bias.Elements.ToArray());

    /// <summary>Writes weights, optimizer and losses.</summary>
    public void Save(BinaryWriter writer)
    {
        SaveWeights(writer);
        _bias.Write(writer);
        _biasUpdate.Save(writer);
        writer.Write(_lossSum);
        writer.Write(_lossRows);
        writer.Write(LastLoss);
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    public void Load(BinaryReader reader)
    {
        LoadWeights(reader);
        _bias.Read(reader);
        _bias.ToDevice();
        _biasUpdate.Load(reader);
        (_lossSum, _lossRows, LastLoss) = (reader.ReadDouble(), reader.ReadInt64(), reader.ReadDouble());
    }

    public virtual void Dispose()
    {
        _biasUpdate.Dispose();
        _bias.Dispose();
        BiasGradient.Dispose();
    }

    /// <summary>The products of the rows of a minibatch with the weights, row-major, to be overwritten with the slopes.</summary>
    protected abstract Span<float> Scores(int start, int count);

    /// <summary>One step of the weights, from the slopes that stand in place of the scores.</summary>
    protected abstract void Update(int start, int count, double rate, double? momentum);

    /// <summary>A copy of the weights, by output and then by feature.</summary>
    protected abstract float[] CopyWeights();

    /// <summary>Writes the weights, and what their optimizer remembers.</summary>
    protected abstract void SaveWeights(BinaryWriter writer);

    /// <summary>Takes over what <see cref="SaveWeights"/> wrote.</summary>
    protected abstract void LoadWeights(BinaryReader reader);

    private void AddBiases(Span<float> scores)
    {
        var biases = _bias.Elements;
        for (var first = 0; first < scores.Length; first += biases.Length)
            for (var output = 0; output < biases.Length; output++)
                scores[first + output] += biases[output];
    }

    private void SumSlopes(ReadOnlySpan<float> slopes, int count)
    {
        var gradient = BiasGradient.Elements;
        gradient.Clear();
        for (var first = 0; first < slopes.Length; first += gradient.Length)
            for (var output = 0; output < gradient.Length; output++)
                gradient[output] += slopes[first + output];
        foreach (ref var slope in gradient) slope /= count;
    }
}
