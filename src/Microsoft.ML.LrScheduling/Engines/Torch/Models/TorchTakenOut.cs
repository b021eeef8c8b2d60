using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Engines.Sparse;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>The copied weights of <see cref="MetWeights"/> as a tensor, with their gradient and their optimizer.</summary>
/// <param name="own">The settings of the model.</param>
/// <param name="outputs">The number of scores per row.</param>
/// <param name="place">The device of the tensors.</param>
internal sealed class TorchTakenOut(ModelSettings own, int outputs, TorchPlace place) : ITakenOut, IDisposable
{
    private TensorBuffer? _weights;
    private TensorBuffer? _gradient;

    /// <summary>The optimizer of the weights.</summary>
    public TorchUpdate Update { get; private set; } = null!;

    /// <summary>The weights: [places], or [places, outputs] if there are several outputs.</summary>
    public torch.Tensor Values { get; private set; } = null!;

    /// <summary>The gradient, in the same shape.</summary>
    public torch.Tensor Gradient { get; private set; } = null!;

    /// <inheritdoc/>
    public nint Weights => AddressOf(_weights!);

    /// <inheritdoc/>
    public nint State(int i) => AddressOf(Update.State(i));

    /// <summary>The gradient in host memory.</summary>
    public TensorBuffer GradientBuffer => _gradient!;

    /// <inheritdoc/>
    public void Resize(int places, int length)
    {
        var before = Update;
        DisposeTensors();
        _weights = new TensorBuffer(Tensors.Zeros(place, length), place);
        _gradient = new TensorBuffer(Tensors.Zeros(place, length), place);
        (Values, Gradient) = (Shaped(_weights.Tensor), Shaped(_gradient.Tensor));
        Update = TorchUpdate.Of(own.Optimizer, place, _weights.Tensor, _gradient.Tensor, own.L2Regularization, decays: true);
        if (before is null) return;
        Update.GoOnFrom(before);
        before.Dispose();

        torch.Tensor Shaped(torch.Tensor tensor)
        {
            using var used = tensor.narrow(0, 0, (long)places * outputs);
            return outputs == 1 ? used.view(places) : used.view(places, outputs);
        }
    }

    /// <summary>Copies the weights and states from host memory to the device.</summary>
    public void ToDevice()
    {
        _weights!.ToDevice();
        Update.StatesToDevice();
    }

    /// <summary>Copies the weights and states from the device to host memory.</summary>
    public void ToHost()
    {
        _weights!.ToHost();
        Update.StatesToHost();
    }

    /// <summary>Moves the weights towards zero by a threshold.</summary>
    public void Shrink(float threshold) => Proximal.Shrink(_weights!.Elements, threshold);

    public void Dispose()
    {
        Update.Dispose();
        DisposeTensors();
    }

    private void DisposeTensors()
    {
        if (_weights is null) return;
        Values.Dispose();
        Gradient.Dispose();
        _weights.Dispose();
        _gradient!.Dispose();
    }

    private static unsafe nint AddressOf(TensorBuffer buffer) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer.Elements));
}
