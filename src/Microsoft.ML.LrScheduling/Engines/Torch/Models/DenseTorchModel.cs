namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>A model that trains on dense rows. The minibatches are views of one tensor.</summary>
internal sealed class DenseTorchModel : TorchModel
{
    private readonly TensorBuffer _weights;
    private readonly TensorBuffer _gradient;
    private readonly TorchUpdate _update;
    private readonly TorchProducts _products;

    public DenseTorchModel(LinearProblem problem, ModelSettings own, TorchWindow window, TorchPlace place)
        : base(problem, own, window, place)
    {
        var width = problem.Rows.FeatureCount;
        _weights = new TensorBuffer(Tensors.Zeros(place, Outputs, width), place);
        problem.Initial?.Weights.CopyTo(_weights.Elements);
        _weights.ToDevice();
        _gradient = new TensorBuffer(Tensors.Zeros(place, Outputs, width), place);
        _update = TorchUpdate.Of(own.Optimizer, place, _weights.Tensor, _gradient.Tensor, own.L2Regularization, decays: true);
        _products = new TorchProducts(problem, window, place, _weights.Tensor, _gradient.Tensor);
    }

    public override void Dispose()
    {
        _update.Dispose();
        _products.Dispose();
        _weights.Dispose();
        _gradient.Dispose();
        base.Dispose();
    }

    protected override Span<float> Scores(int start, int count) => _products.Scores(start, count);

    protected override void Update(int start, int count, double rate, double? momentum)
    {
        _products.Gradient(start, count);
        if (Own.Clipping is { } clipping)
        {
            _gradient.ToHost();
            Gradients.Clip(_gradient.Elements, BiasGradient.Elements, clipping);
            _gradient.ToDevice();
        }

        _update.Step(rate, momentum);
        _weights.ToHost();
        if (Own.L1Regularization == 0) return;
        Proximal.Shrink(_weights.Elements, (float)(rate * Own.L1Regularization));
        _weights.ToDevice();
    }

    protected override float[] CopyWeights() => _weights.Elements.ToArray();

    protected override void SaveWeights(BinaryWriter writer)
    {
        writer.Write(_weights.Elements.Length);
        _weights.Write(writer);
        _update.Save(writer);
    }

    protected override void LoadWeights(BinaryReader reader)
    {
        if (reader.ReadInt32() is var length && length != _weights.Elements.Length)
            throw new InvalidDataException($"There must be {_weights.Elements.Length} weights. Received: {length}");
        _weights.Read(reader);
        _weights.ToDevice();
        _update.Load(reader);
    }
}
