using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// The minibatches of a window's tensor, as views of it: each made when it is first asked for, and again when its length changes.
/// </summary>
/// <param name="view">Makes the view of some rows: the first and their number.</param>
/// <param name="windowRows">The rows of a window.</param>
/// <param name="batchSize">The rows of a minibatch.</param>
internal sealed class MinibatchViews(Func<int, int, torch.Tensor> view, int windowRows, int batchSize) : IDisposable
{
    private readonly (torch.Tensor? View, int Count)[] _views = new (torch.Tensor?, int)[(windowRows - 1) / batchSize + 1];

    /// <summary>The view of the rows of a minibatch.</summary>
    /// <param name="start">Its first row within the window, a multiple of the batch size.</param>
    /// <param name="count">Its rows.</param>
    public torch.Tensor this[int start, int count]
    {
        get
        {
            ref var known = ref _views[start / batchSize];
            if (known.View is not null && known.Count == count) return known.View;
            known.View?.Dispose();
            known = (view(start, count), count);
            return known.View;
        }
    }

    public void Dispose()
    {
        foreach (var (made, _) in _views) made?.Dispose();
    }
}
