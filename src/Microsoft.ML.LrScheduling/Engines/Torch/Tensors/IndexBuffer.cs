using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>A tensor of indices, with its elements in host memory. It grows when more elements are needed.</summary>
/// <param name="place">The device of the tensor.</param>
internal sealed class IndexBuffer(TorchPlace place) : IDisposable
{
    private torch.Tensor _host = torch.zeros([0], torch.int64);
    private torch.Tensor? _copy;

    /// <summary>Returns the elements. If the buffer grows, their previous values are lost.</summary>
    /// <param name="count">The number of elements.</param>
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

    /// <summary>Copies the elements from host memory to the device.</summary>
    public void ToDevice() => _copy?.copy_(_host);

    /// <summary>Returns a part of the tensor. The caller disposes it.</summary>
    public torch.Tensor View(int start, int count) => (_copy ?? _host).narrow(0, start, count);

    public void Dispose()
    {
        _host.Dispose();
        _copy?.Dispose();
    }
}
