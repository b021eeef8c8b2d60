using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>The device of an engine's tensors.</summary>
/// <param name="Device">The device.</param>
/// <param name="HasCopies">Whether the CPU uses copies of the tensors, because it cannot access the memory of the device.</param>
internal sealed record TorchPlace(torch.Device Device, bool HasCopies)
{
    /// <summary>The CPU.</summary>
    public static TorchPlace Cpu { get; } = new(torch.CPU, HasCopies: false);

    /// <summary>Returns the place for a device.</summary>
    /// <param name="device">"cpu", "cuda" or "cuda:N".</param>
    /// <exception cref="InvalidOperationException">libtorch has no such device.</exception>
    public static TorchPlace Of(string device)
    {
        if (device == "cpu") return Cpu;
        if (!torch.cuda.is_available())
            throw new InvalidOperationException(
                $"Device must be one that this machine has. Received: {device}, and libtorch finds no CUDA device. Choose \"cpu\", or on "
                + $"a machine with a GPU of NVIDIA and its driver add the package {TorchRuntime.PackageFor(device)} to the application, in "
                + "place of TorchSharp-cpu.");
        return new TorchPlace(new torch.Device(device), HasCopies: true);
    }
}
