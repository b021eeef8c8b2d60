using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>A minibatch: views of the tensors of a <see cref="TorchWindow"/>.</summary>
internal sealed class TorchMinibatch : IDisposable
{
    public TorchMinibatch(int index, int start, int count, torch.Tensor features, torch.Tensor? weights, torch.Tensor ones)
    {
        (Index, Start, Count) = (index, start, count);
        Features = features.narrow(0, start, count);
        TransposedFeatures = Features.t();
        Weights = weights?.narrow(0, start, count);
        Ones = ones.narrow(1, 0, count);
    }

    /// <summary>Its number within the window.</summary>
    public int Index { get; }

    /// <summary>Its first row within the window.</summary>
    public int Start { get; }

    /// <summary>Its rows.</summary>
    public int Count { get; }

    /// <summary>[rows, features].</summary>
    public torch.Tensor Features { get; }

    /// <summary>[features, rows].</summary>
    public torch.Tensor TransposedFeatures { get; }

    /// <summary>[rows]; null where rows have no weights.</summary>
    public torch.Tensor? Weights { get; }

    /// <summary>[1, rows], all 1: a product with it is a sum that needs no new tensor.</summary>
    public torch.Tensor Ones { get; }

    public void Dispose()
    {
        Ones.Dispose();
        Weights?.Dispose();
        TransposedFeatures.Dispose();
        Features.Dispose();
    }
}
