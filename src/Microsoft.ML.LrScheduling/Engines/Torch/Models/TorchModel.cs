namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>One linear model of a <see cref="TorchEngine"/>. This base class holds its biases and losses.</summary>
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

    /// <summary>The mean loss of the last minibatch, with the weights before its step.</summary>
    public double LastLoss { get; private set; }

    /// <summary>The problem.</summary>
    protected LinearProblem Problem { get; }

    /// <summary>The settings of the model.</summary>
    protected ModelSettings Own { get; }

    /// <summary>The rows.</summary>
    protected TorchWindow Window { get; }

    /// <summary>The number of scores per row.</summary>
    protected int Outputs { get; }

    /// <summary>The gradient of the biases.</summary>
    protected TensorBuffer BiasGradient { get; }

    /// <summary>
    /// Takes one step: computes scores = X·Wᵀ + b, from these the slopes of the loss, and gradient = (1 / rows) · slopesᵀ·X.
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

    /// <summary>Ends an epoch: applies the updates that steps on sparse rows have skipped.</summary>
    public virtual void EndEpoch()
    {
    }

    /// <summary>Returns the mean loss since the last call, and starts a new mean.</summary>
    public double TakeMeanLoss()
    {
        var mean = _lossSum / _lossRows;
        (_lossSum, _lossRows) = (0, 0);
        return mean;
    }

    /// <summary>Returns a copy of the weights and biases.</summary>
    public LinearWeights GetWeights() => new(CopyWeights(), _bias.Elements.ToArray());

    /// <summary>Writes the weights, the optimizer states and the losses.</summary>
    public void Save(BinaryWriter writer)
    {
        SaveWeights(writer);
        _bias.Write(writer);
        _biasUpdate.Save(writer);
        writer.Write(_lossSum);
        writer.Write(_lossRows);
        writer.Write(LastLoss);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
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

    /// <summary>
    /// Computes the products of the rows of a minibatch and the weights, row-major. The caller overwrites them with the slopes.
    /// </summary>
    protected abstract Span<float> Scores(int start, int count);

    /// <summary>Updates the weights from the slopes, which have replaced the scores.</summary>
    protected abstract void Update(int start, int count, double rate, double? momentum);

    /// <summary>Returns a copy of the weights, by output and then by feature.</summary>
    protected abstract float[] CopyWeights();

    /// <summary>Writes the weights and their optimizer states.</summary>
    protected abstract void SaveWeights(BinaryWriter writer);

    /// <summary>Reads what <see cref="SaveWeights"/> wrote.</summary>
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
