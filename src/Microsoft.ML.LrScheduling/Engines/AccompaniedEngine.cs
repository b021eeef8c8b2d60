using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>
/// A model that trains as one of several does, although it is alone: beside it goes a second one that nobody looks at. Sums are then
/// added in the same order, and what comes of the model is the same bits.
/// </summary>
/// <param name="engine">An engine of two models; disposed of with this.</param>
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
