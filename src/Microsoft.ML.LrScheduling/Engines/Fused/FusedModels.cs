using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>The K models of a <see cref="FusedEngine"/>: their weights and optimizers, and what a minibatch makes of them.</summary>
/// <param name="layout">Where the weights stand.</param>
internal abstract class FusedModels(WeightLayout layout) : IDisposable
{
    /// <summary>The losses of the last minibatch, summed up, a model.</summary>
    public double[] Losses { get; } = new double[layout.PaddedModels];

    /// <summary>Where the weights stand.</summary>
    protected WeightLayout Layout => layout;

    /// <inheritdoc cref="ILinearEngine.Step"/>
    /// <param name="window">The rows.</param>
    /// <param name="start">Its first row within the window.</param>
    /// <param name="count">Its rows.</param>
    /// <param name="rates">A rate a model and group.</param>
    /// <param name="momenta">A momentum a model and group; empty for those of the configuration.</param>
    public abstract void Step(RowWindow window, int start, int count, ReadOnlySpan<double> rates, ReadOnlySpan<double> momenta);

    /// <summary>Between two epochs: makes up for what steps on sparse rows have left out.</summary>
    public virtual void EndEpoch()
    {
    }

    /// <inheritdoc cref="ILinearEngine.Save"/>
    public abstract void Save(int model, BinaryWriter writer);

    /// <inheritdoc cref="ILinearEngine.Load"/>
    public abstract void Load(int model, BinaryReader reader);

    /// <inheritdoc cref="ILinearEngine.GetWeights"/>
    public abstract LinearWeights GetWeights(int model);

    /// <inheritdoc/>
    public abstract void Dispose();
}
