using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Reads the weights of ML.NET's linear models.</summary>
internal static class ModelWeights
{
    /// <summary>Returns the weights of a model with one output.</summary>
    public static LinearWeights Of(LinearModelParameters model)
    {
        ArgumentNullException.ThrowIfNull(model, "initial");
        return new([.. model.Weights], [model.Bias]);
    }

    /// <summary>Returns the weights of a model with one output per class.</summary>
    /// <param name="model">The model.</param>
    /// <param name="classes">The classes in the required order; null for the order of the model.</param>
    /// <exception cref="InvalidOperationException">The model has the same number of classes, but other classes.</exception>
    public static LinearWeights Of(LinearMulticlassModelParametersBase model, KeyNames? classes = null)
    {
        ArgumentNullException.ThrowIfNull(model, "initial");
        var rows = Array.Empty<VBuffer<float>>();
        model.GetWeights(ref rows, out var count);
        float[] biases = [.. model.GetBiases()];
        // A different number of classes is reported later, when it is compared with the label.
        var order = classes is not null && classes.Names.Count == count && MLNetInternals.ClassNamesOf(model) is { } names
            ? PlacesIn(names, classes)
            : [.. Enumerable.Range(0, count)];
        return new([.. order.SelectMany(place => rows[place].DenseValues())], [.. order.Select(place => biases[place])]);
    }

    private static int[] PlacesIn(string[] names, KeyNames classes)
    {
        var own = new KeyNames(names);
        return [.. classes.Names.Select(name => own.NumberOf(name) ?? throw new InvalidOperationException(
            $"The initial model must have the classes of the label. Received: {own} and no '{name}'"))];
    }
}
