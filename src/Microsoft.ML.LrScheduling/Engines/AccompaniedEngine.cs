using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>
/// Trains one model together with a second one, whose results are ignored. The sums are then added in the same order as for several models,
/// so the model gets the same bits as when it trains together with others.
/// </summary>
/// <param name="engine">An engine of two models. This object disposes it.</param>
internal sealed class AccompaniedEngine(ILinearEngine engine) : ILinearEngine
{
    private readonly double[] _rates = new double[2 * ILinearEngine.GroupCount];
    private readonly double[] _momenta = new double[2 * ILinearEngine.GroupCount];

    /// <inheritdoc/>
    public int ModelCount => 1;

    /// <inheritdoc/>
    public void LoadWindow(RowWindow window) => engine.LoadWindow(window);

    /// <inheritdoc/>
    public void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta) =>
        engine.Step(start, count, Twice(learningRates, _rates), Twice(momenta, _momenta));

    /// <inheritdoc/>
    public double LastLoss(int model) => engine.LastLoss(model);

    /// <inheritdoc/>
    public void TakeTrainingLosses(Span<double> losses)
    {
        Span<double> both = [0, 0];
        engine.TakeTrainingLosses(both);
        losses[0] = both[0];
    }

    /// <inheritdoc/>
    public void Save(int model, BinaryWriter writer) => engine.Save(model, writer);

    /// <inheritdoc/>
    public void Load(int model, BinaryReader reader) => engine.Load(model, reader);

    /// <inheritdoc/>
    public LinearWeights GetWeights(int model) => engine.GetWeights(model);

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();

    private static ReadOnlySpan<double> Twice(ReadOnlySpan<double> own, double[] both)
    {
        if (own.IsEmpty) return own;
        own.CopyTo(both);
        own.CopyTo(both.AsSpan(own.Length));
        return both;
    }
}
