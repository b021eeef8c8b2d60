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
    public static LinearWeights Of(LinearMulticlassModelParametersBase model)
    {
        ArgumentNullException.ThrowIfNull(model, "initial");
        var rows = Array.Empty<VBuffer<float>>();
        model.GetWeights(ref rows, out var classes);
        return new([.. rows.Take(classes).SelectMany(row => row.DenseValues())], [.. model.GetBiases()]);
    }
}
