namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>Finds out whether the native libraries behind TorchSharp are there.</summary>
internal static class TorchRuntime
{
    private static readonly Lazy<Exception?> Failure = new(Probe);

    /// <summary>Says what to install where libtorch is missing.</summary>
    /// <exception cref="InvalidOperationException">libtorch is missing.</exception>
    public static void Check()
    {
        if (Failure.Value is { } failure)
            throw new InvalidOperationException(
                "The Torch engine needs libtorch, which could not be loaded: add the package TorchSharp-cpu to the application. "
                + $"{failure.GetBaseException().Message}", failure);
    }

    private static Exception? Probe()
    {
        try
        {
            using var tensor = Tensors.Zeros(TorchPlace.Cpu, 1);
            return null;
        }
        catch (Exception e)
            when (e is DllNotFoundException or TypeInitializationException or NotSupportedException or EntryPointNotFoundException)
        {
            return e;
        }
    }
}
