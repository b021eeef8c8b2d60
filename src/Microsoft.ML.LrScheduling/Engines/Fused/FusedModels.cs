using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>The K models of a <see cref="FusedEngine"/>: their weights and optimizers, and their training on a minibatch.</summary>
/// <param name="layout">The layout of the weights.</param>
internal abstract class FusedModels(WeightLayout layout) : IDisposable
{
    /// <summary>The sum of the losses of the last minibatch, one entry per model.</summary>
    public double[] Losses { get; } = new double[layout.PaddedModels];

    /// <summary>The layout of the weights.</summary>
    protected WeightLayout Layout => layout;

    /// <inheritdoc cref="ILinearEngine.Step"/>
    /// <param name="window">The rows.</param>
    /// <param name="start">The first row of the minibatch in the window.</param>
    /// <param name="count">The number of rows in the minibatch.</param>
    /// <param name="rates">One rate per model and parameter group.</param>
    /// <param name="momenta">One momentum per model and parameter group; empty for the momenta of the configuration.</param>
    public abstract void Step(RowWindow window, int start, int count, ReadOnlySpan<double> rates, ReadOnlySpan<double> momenta);

    /// <summary>Ends an epoch: applies the updates that steps on sparse rows have skipped.</summary>
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
