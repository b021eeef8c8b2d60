using Microsoft.ML.LrScheduling.Engines.Torch;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Checks that the device of a trainer and its native libraries are available.</summary>
internal static class DeviceCheck
{
    /// <summary>Looks for the device of valid options.</summary>
    /// <exception cref="InvalidOperationException">The Torch engine is chosen, and libtorch or the device is missing.</exception>
    public static void Check(LinearTrainerOptions options)
    {
        if (options.ChosenEngine != TrainingEngine.Torch) return;
        TorchRuntime.Check(options.Device);
        TorchPlace.Of(options.Device);
    }
}
