using System.Globalization;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>Checks before training that the weights of models fit into an engine.</summary>
internal static class ModelSize
{
    /// <summary>Checks the length of the array of weights.</summary>
    /// <param name="features">The number of features.</param>
    /// <param name="outputs">The number of scores per row.</param>
    /// <param name="models">The number of models that train together.</param>
    /// <param name="length">The length of the array, including padding.</param>
    /// <param name="longest">The maximum length that the engine allows.</param>
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
