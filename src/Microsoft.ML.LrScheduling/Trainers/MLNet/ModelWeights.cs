using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>The weights of ML.NET's linear models.</summary>
internal static class ModelWeights
{
    /// <summary>Those of a model of one output.</summary>
    public static LinearWeights Of(LinearModelParameters model)
    {
        ArgumentNullException.ThrowIfNull(model, "initial");
        return new([.. model.Weights], [model.Bias]);
    }

    /// <summary>Those of a model of an output a class.</summary>
    /// <param name="model">The model.</param>
    /// <param name="classes">The classes in whose order they are to come; null for that of the model.</param>
    /// <exception cref="InvalidOperationException">The model has as many classes, but other ones.</exception>
    public static LinearWeights Of(LinearMulticlassModelParametersBase model, KeyNames? classes = null)
    {
        ArgumentNullException.ThrowIfNull(model, "initial");
        var rows = Array.Empty<VBuffer<float>>();
        model.GetWeights(ref rows, out var count);
        float[] biases = [.. model.GetBiases()];
        // Another number of classes is told of where it is compared with that of the label.
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
