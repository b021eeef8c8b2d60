using Microsoft.ML.LrScheduling.Engines;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Checks the model that training starts from.</summary>
internal static class InitialModelCheck
{
    /// <summary>Compares the shape of the model with the rows.</summary>
    /// <param name="initial">The weights of the model; null for no model.</param>
    /// <param name="rows">The rows.</param>
    /// <exception cref="InvalidOperationException">
    /// The model has another number of classes or features, or weights that are not finite.
    /// </exception>
    public static void Check(LinearWeights? initial, TrainerRows rows)
    {
        if (initial is null) return;
        var (outputs, features) = (rows.Task.OutputCount, rows.Training.FeatureCount);
        if (initial.OutputCount != outputs)
            throw new InvalidOperationException(
                $"The initial model must have as many classes as the label ({outputs}). Received: {initial.OutputCount}");
        if (initial.FeatureCount != features)
            throw new InvalidOperationException(
                $"The initial model must have as many features as the training rows ({features}). Received: {initial.FeatureCount}");
        if (!initial.IsFinite)
            throw new InvalidOperationException("The weights of the initial model must be finite. Received: one that is NaN or infinite");
    }
}
