using System.Globalization;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>Refuses models that an engine cannot hold, before anything is trained.</summary>
internal static class ModelSize
{
    /// <summary>Checks how long an array of weights would be.</summary>
    /// <param name="features">The features of a row.</param>
    /// <param name="outputs">The scores of a row.</param>
    /// <param name="models">The models that train together.</param>
    /// <param name="length">The numbers that the weights take, with what fills vectors.</param>
    /// <param name="longest">The most that the engine can hold.</param>
    /// <param name="engine">The name of the engine.</param>
    /// <exception cref="InvalidOperationException">The array would be too long.</exception>
    public static void Check(int features, int outputs, int models, long length, long longest, string engine)
    {
        if (length <= longest) return;
        throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"The weights of a model must be at most {longest:N0} numbers on the {engine} engine. Received: {length:N0} for "
            + $"{features:N0} features × {outputs:N0} ")
            + (outputs == 1 ? "score" : "classes") + (models == 1 ? "" : $" × {models} trials that train together")
            + ". Use fewer features, for example a hash of fewer bits" + (outputs == 1 ? "" : ", or fewer classes")
            + (models == 1 ? "." : ", or a lower TrialsTogether."));
    }
}
