using Microsoft.ML.LrScheduling.Engines.Torch;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Refuses a device that is not there, or for which a library is missing.</summary>
internal static class DeviceCheck
{
    /// <summary>Looks for the device of options that hold.</summary>
    /// <exception cref="InvalidOperationException">The Torch engine is asked for, and libtorch or the device is missing.</exception>
    public static void Check(LinearTrainerOptions options)
    {
        if (options.ChosenEngine != TrainingEngine.Torch) return;
        TorchRuntime.Check(options.Device);
        TorchPlace.Of(options.Device);
    }
}
