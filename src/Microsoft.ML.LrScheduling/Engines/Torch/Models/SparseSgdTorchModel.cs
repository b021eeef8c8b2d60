using Microsoft.ML.LrScheduling.Engines.Sparse;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// A model that trains on sparse rows with <see cref="Sgd"/> without momentum. The weights that a minibatch uses are changed in place. A
/// decay changes a scale that all weights share.
/// </summary>
internal sealed class SparseSgdTorchModel : TorchModel
{
    private readonly WeightLayout _layout;
    private readonly TensorBuffer _weights;
    private readonly SparseTorchProducts _products;
    private readonly HeldScalar _folded = new();
    private readonly double _decay;
    private double _scale = 1;
    private long _steps;

    public SparseSgdTorchModel(LinearProblem problem, ModelSettings own, TorchWindow window, TorchPlace place)
        : base(problem, own, window, place)
    {
        var width = problem.Rows.FeatureCount;
        _layout = new WeightLayout(Models: 1, Outputs, width, IsSparse: true);
        _weights = new TensorBuffer(Outputs == 1 ? Tensors.Zeros(place, width) : Tensors.Zeros(place, width, Outputs), place);
        if (problem.Initial is { Weights: { Length: > 0 } initial }) Set(initial);
        _products = new SparseTorchProducts(problem, window, place);
        _decay = Penalties.Of(own).Decay;
    }

    /// <summary>Whether this class can train a model.</summary>
    public static bool Fits(ModelSettings own) => own is { Optimizer: Sgd { Momentum: 0 }, Clipping: null, L1Regularization: 0 };

    public override void Dispose()
    {
        _weights.Dispose();
        _products.Dispose();
        _folded.Dispose();
        base.Dispose();
    }

    protected override Span<float> Scores(int start, int count)
    {
        using var features = Window.FeaturesOfValues(start, count);
        var scores = _products.Scores(start, count, _weights.Tensor, features);
        var scale = (float)_scale;
        foreach (ref var score in scores) score *= scale;
        return scores;
    }

    protected override void Update(int start, int count, double rate, double? momentum)
    {
        _steps++;
        using var features = Window.FeaturesOfValues(start, count);
        _scale *= 1 - rate * _decay;
        if (!SharedScale.IsFit(_scale))
        {
            _weights.Tensor.mul_(_folded.Of(_scale));
            _scale = 1;
        }

        _products.AddTo(start, count, _weights.Tensor, features, -rate / (count * _scale));
    }

    protected override float[] CopyWeights()
    {
        var weights = Kept();
        var scale = (float)_scale;
        foreach (ref var weight in weights.AsSpan()) weight *= scale;
        return weights;
    }

    // The format of SparseTorchModel, which loads this state if a schedule later gives a momentum.
    protected override void SaveWeights(BinaryWriter writer)
    {
        writer.Write(_steps);
        writer.Write(false);
        new SavedWeights(Kept()) { Scale = _scale }.Save(writer);
    }

    protected override void LoadWeights(BinaryReader reader)
    {
        _steps = reader.ReadInt64();
        reader.ReadBoolean();
        var saved = SavedWeights.Load(reader, _layout.Outputs * _layout.Features, _layout.Features);
        _scale = saved.Scale;
        Set(saved.Weights);
    }

    private float[] Kept()
    {
        _weights.ToHost();
        var weights = new float[_layout.Outputs * _layout.Features];
        Copy(weights, outward: true);
        return weights;
    }

    private void Set(float[] weights)
    {
        Copy(weights, outward: false);
        _weights.ToDevice();
    }

    private void Copy(float[] weights, bool outward) =>
        _layout.CopyWeights(model: 0, ref _weights.Elements[0], offset: 0, _layout.Stride, weights, outward);
}
