using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>The step of <see cref="Adam"/> and <see cref="AdamW"/>.</summary>
internal sealed class AdamUpdate : TorchUpdate
{
    private readonly AdamBase _adam;
    private readonly double _detachedDecay;
    private readonly torch.Tensor _mean;
    private readonly torch.Tensor _squares;
    private readonly torch.Tensor? _largestSquares;
    private readonly torch.Tensor _divisor;
    private readonly HeldScalar _one = new();
    private readonly HeldScalar _epsilon = new();
    private readonly HeldScalar _keep = new();
    private readonly HeldScalar _gain = new();
    private readonly HeldScalar _squareKeep = new();
    private readonly HeldScalar _squareGain = new();
    private readonly HeldScalar _squareBias = new();
    private readonly HeldScalar _shrink = new();
    private readonly HeldScalar _rate = new();

    public AdamUpdate(AdamBase adam, double detachedDecay, TorchPlace place, torch.Tensor values, torch.Tensor gradient, double decay)
        : base(place, values, gradient, decay)
    {
        (_adam, _detachedDecay, _mean, _squares) = (adam, detachedDecay, Remember(0), Remember(1));
        _largestSquares = adam.AmsGrad ? Remember(2) : null;
        _divisor = Tensors.Zeros(place, values.shape);
    }

    public override void Dispose()
    {
        base.Dispose();
        _divisor.Dispose();
        foreach (var scalar in new[] { _one, _epsilon, _keep, _gain, _squareKeep, _squareGain, _squareBias, _shrink, _rate })
            scalar.Dispose();
    }

    protected override void Update(double rate, double? momentum)
    {
        var beta1 = momentum ?? _adam.Beta1;
        if (_detachedDecay > 0) Values.mul_(_shrink.Of(1 - rate * _detachedDecay));
        _mean.mul_(_keep.Of(beta1)).add_(Gradient, _gain.Of(1 - beta1));
        _squares.mul_(_squareKeep.Of(_adam.Beta2)).addcmul_(Gradient, Gradient, _squareGain.Of(1 - _adam.Beta2));
        if (_largestSquares is not null)
        {
            using var larger = _largestSquares.maximum(_squares);
            _largestSquares.copy_(larger);
        }

        var squareBias = _squareBias.Of(Math.Sqrt(1 - Math.Pow(_adam.Beta2, StepCount)));
        _divisor.copy_(_largestSquares ?? _squares).sqrt_().div_(squareBias).add_(_epsilon.Of(_adam.Epsilon), _one.Of(1));
        Values.addcdiv_(_mean, _divisor, _rate.Of(-rate / (1 - Math.Pow(beta1, StepCount))));
    }
}
