using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>A tensor of indices, and its elements in the memory of this process. It grows when more are asked for.</summary>
/// <param name="place">Where the tensor is.</param>
internal sealed class IndexBuffer(TorchPlace place) : IDisposable
{
    private torch.Tensor _host = torch.zeros([0], torch.int64);
    private torch.Tensor? _copy;

    /// <summary>The elements, which are anything where there were not so many before.</summary>
    /// <param name="count">How many.</param>
    public Span<long> Elements(int count)
    {
        if (_host.shape[0] < count)
        {
            Dispose();
            _host = torch.zeros([count + count / 2], torch.int64);
            _copy = place.HasCopies ? torch.zeros(_host.shape, torch.int64, place.Device) : null;
        }

        return MemoryMarshal.Cast<byte, long>(_host.bytes)[..count];
    }

    /// <summary>Lets the tensor have what was written to the elements.</summary>
    public void ToDevice() => _copy?.copy_(_host);

    /// <summary>A part of the tensor, to be disposed of.</summary>
    public torch.Tensor View(int start, int count) => (_copy ?? _host).narrow(0, start, count);

    public void Dispose()
    {
        _host.Dispose();
        _copy?.Dispose();
    }
}
