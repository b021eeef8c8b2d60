using Microsoft.ML.LrScheduling.Engines.Sparse;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// A model that trains on sparse rows with any optimizer. The weights that a minibatch uses are copied, trained as a small dense problem,
/// and copied back. See <see cref="MetWeights"/>.
/// </summary>
internal sealed class SparseTorchModel : TorchModel
{
    private readonly TorchTakenOut _taken;
    private readonly MetWeights _weights;
    private readonly SparseTorchProducts _products;
    private readonly IndexBuffer _places;

    public SparseTorchModel(LinearProblem problem, ModelSettings own, TorchWindow window, TorchPlace place, bool hasMomentum)
        : base(problem, own, window, place)
    {
        _taken = new TorchTakenOut(own, Outputs, place);
        var layout = new WeightLayout(Models: 1, Outputs, problem.Rows.FeatureCount, IsSparse: true);
        _weights = new MetWeights(problem, [own], layout, hasMomentum, _taken, "Torch");
        _products = new SparseTorchProducts(problem, window, place);
        _places = new IndexBuffer(place);
    }

    public override void EndEpoch() => _weights.CatchUp();

    public override void Dispose()
    {
        _taken.Dispose();
        _products.Dispose();
        _places.Dispose();
        base.Dispose();
    }

    protected override Span<float> Scores(int start, int count)
    {
        _weights.TakeOut(Window.Rows, start, count);
        _taken.ToDevice();
        var places = _places.Elements(_weights.Places.Length);
        for (var i = 0; i < places.Length; i++) places[i] = _weights.Places[i];
        _places.ToDevice();
        using var indices = _places.View(0, places.Length);
        return _products.Scores(start, count, _taken.Values, indices);
    }

    protected override void Update(int start, int count, double rate, double? momentum)
    {
        using var indices = _places.View(0, _weights.Places.Length);
        _taken.GradientBuffer.Tensor.zero_();
        _products.AddTo(start, count, _taken.Gradient, indices, 1.0 / count);
        if (Own.Clipping is { } clipping)
        {
            _taken.GradientBuffer.ToHost();
            Gradients.Clip(_taken.GradientBuffer.Elements, BiasGradient.Elements, clipping);
            _taken.GradientBuffer.ToDevice();
        }

        _taken.Update.Step(rate, momentum);
        _taken.ToHost();
        if (Own.L1Regularization > 0) _taken.Shrink((float)(rate * Own.L1Regularization));
        _weights.PutBack([_taken.Update.Numbers]);
    }

    protected override float[] CopyWeights() => _weights.Weights(0);

    protected override void SaveWeights(BinaryWriter writer)
    {
        _taken.Update.SaveSteps(writer);
        _weights.Save(0, hasMomentum: false, writer);
    }

    protected override void LoadWeights(BinaryReader reader)
    {
        _taken.Update.LoadSteps(reader);
        _weights.Load(0, reader);
    }
}
