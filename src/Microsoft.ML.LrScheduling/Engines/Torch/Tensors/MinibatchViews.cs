using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// The minibatches of a window's tensor as views of it. Each view is created on its first use, and again if its length changes.
/// </summary>
/// <param name="view">Creates the view of rows from the first row and the number of rows.</param>
/// <param name="windowRows">The number of rows in a window.</param>
/// <param name="batchSize">The number of rows in a minibatch.</param>
internal sealed class MinibatchViews(Func<int, int, torch.Tensor> view, int windowRows, int batchSize) : IDisposable
{
    private readonly (torch.Tensor? View, int Count)[] _views = new (torch.Tensor?, int)[(windowRows - 1) / batchSize + 1];

    /// <summary>The view of a minibatch.</summary>
    /// <param name="start">The first row of the minibatch in the window, a multiple of the batch size.</param>
    /// <param name="count">The number of rows in the minibatch.</param>
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
