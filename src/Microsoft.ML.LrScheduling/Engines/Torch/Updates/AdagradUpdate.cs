using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>The step of <see cref="Adagrad"/>.</summary>
internal sealed class AdagradUpdate : TorchUpdate
{
    private readonly Adagrad _adagrad;
    private readonly torch.Tensor _squares;
    private readonly torch.Tensor _divisor;
    private readonly HeldScalar _one = new();
    private readonly HeldScalar _epsilon = new();
    private readonly HeldScalar _rate = new();

    public AdagradUpdate(Adagrad adagrad, TorchPlace place, torch.Tensor values, torch.Tensor gradient, double decay)
        : base(place, values, gradient, decay) =>
        (_adagrad, _squares, _divisor) = (adagrad, Remember(0, adagrad.InitialAccumulatorValue), Tensors.Zeros(place, values.shape));

    public override void Dispose()
    {
        base.Dispose();
        _divisor.Dispose();
        foreach (var scalar in new[] { _one, _epsilon, _rate }) scalar.Dispose();
    }

    protected override void Update(double rate, double? momentum)
    {
        _squares.addcmul_(Gradient, Gradient, _one.Of(1));
        _divisor.copy_(_squares).sqrt_().add_(_epsilon.Of(_adagrad.Epsilon), _one.Of(1));
        Values.addcdiv_(Gradient, _divisor, _rate.Of(-rate / (1 + (StepCount - 1) * _adagrad.LrDecay)));
    }
}
