using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>
/// An engine for rows whose features are standardized, and for scores on the scale of the labels. It wraps another engine, and returns
/// weights for the original features and labels. With the means μ and deviations σ of the features, and the center c and scale s of the
/// labels, <c>w = s · v / σ</c> and <c>b = c + s · a − Σ w · μ</c>, where v are the trained weights and a is the trained bias.
/// </summary>
internal sealed class StandardizedEngine : ILinearEngine
{
    private readonly ILinearEngine _engine;
    private readonly Standardization _standardization;
    private readonly LabelScale _labels;
    private readonly LinearWeights? _initial;

    /// <param name="engine">The engine that trains. This object disposes it.</param>
    /// <param name="standardization">The scale of the features.</param>
    /// <param name="labels">The scale of the scores.</param>
    /// <param name="initial">
    /// The initial weights for the original features and labels; null for none. A feature that does not vary keeps its initial weight.
    /// </param>
    public StandardizedEngine(ILinearEngine engine, Standardization standardization, LabelScale labels, LinearWeights? initial) =>
        (_engine, _standardization, _labels, _initial) = (engine, standardization, labels, initial);

    /// <inheritdoc/>
    public int ModelCount => _engine.ModelCount;

    /// <summary>Converts weights for the original features and labels to weights for the standardized ones.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="standardization">The scale of the features.</param>
    /// <param name="labels">The scale of the scores.</param>
    public static LinearWeights Scaled(LinearWeights weights, Standardization standardization, LabelScale labels)
    {
        var means = standardization.Means.Span;
        var scales = standardization.Scales.Span;
        var features = standardization.Features;
        var scaled = new LinearWeights(new float[weights.Weights.Length], new float[weights.OutputCount]);
        for (var output = 0; output < weights.OutputCount; output++)
        {
            var own = weights.WeightsOf(output);
            var target = scaled.Weights.AsSpan(output * weights.FeatureCount, weights.FeatureCount);
            double bias = weights.Biases[output];
            for (var i = 0; i < means.Length; i++)
            {
                var (feature, scale) = (features is null ? i : features[i], scales[i]);
                bias += (double)own[feature] * means[i];
                target[feature] = scale == 0 ? 0 : (float)(own[feature] / scale / labels.Scale);
            }

            scaled.Biases[output] = (float)((bias - labels.Center) / labels.Scale);
        }

        return scaled;
    }

    /// <inheritdoc/>
    public LinearWeights GetWeights(int model)
    {
        var weights = _engine.GetWeights(model);
        for (var output = 0; output < weights.OutputCount; output++)
        {
            var own = weights.Weights.AsSpan(output * weights.FeatureCount, weights.FeatureCount);
            weights.Biases[output] = (float)Unscale(own, _initial is null ? [] : _initial.WeightsOf(output), weights.Biases[output]);
        }

        return weights;
    }

    /// <inheritdoc/>
    public void LoadWindow(RowWindow window) => _engine.LoadWindow(window);

    /// <inheritdoc/>
    public void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta) =>
        _engine.Step(start, count, learningRates, momenta);

    /// <inheritdoc/>
    public double LastLoss(int model) => _engine.LastLoss(model);

    /// <inheritdoc/>
    public void TakeTrainingLosses(Span<double> losses) => _engine.TakeTrainingLosses(losses);

    /// <inheritdoc/>
    public void Save(int model, BinaryWriter writer) => _engine.Save(model, writer);

    /// <inheritdoc/>
    public void Load(int model, BinaryReader reader) => _engine.Load(model, reader);

    /// <inheritdoc/>
    public void Dispose() => _engine.Dispose();

    /// <summary>Converts trained weights to weights for the original features, in place.</summary>
    /// <param name="own">The weights of an output.</param>
    /// <param name="initial">The initial weights, for features that do not vary; empty for zeros.</param>
    /// <param name="trainedBias">The trained bias.</param>
    /// <returns>The bias for the original features and labels.</returns>
    private double Unscale(Span<float> own, ReadOnlySpan<float> initial, float trainedBias)
    {
        var means = _standardization.Means.Span;
        var scales = _standardization.Scales.Span;
        var (bias, next, scaleOfLabels) = (_labels.PredictionOf(trainedBias), 0, _labels.Scale);
        for (var i = 0; i < means.Length; i++)
        {
            var feature = _standardization.Features is { } features ? features[i] : i;
            // The standardization lists only features that occur in rows. All others do not vary.
            if (next < feature) SetInitial(own[next..feature], initial, next);
            own[feature] = scales[i] == 0
                ? initial.IsEmpty ? 0 : initial[feature] : (float)(scaleOfLabels * scales[i] * own[feature]);
            // The rounded weight is used, so that the bias compensates for the rounding.
            if (means[i] != 0) bias -= (double)own[feature] * means[i];
            next = feature + 1;
        }

        SetInitial(own[next..], initial, next);
        return bias;

        static void SetInitial(Span<float> own, ReadOnlySpan<float> initial, int start)
        {
            if (initial.IsEmpty) own.Clear();
            else initial.Slice(start, own.Length).CopyTo(own);
        }
    }
}
