using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>
/// An engine whose rows have features, and whose loss has scores, on a scale of their own. The weights that it gives are those for the
/// features and the label as they came: with the means μ and deviations σ of the features, and the center c and scale s of the label,
/// <c>w = s · v / σ</c> and <c>b = c + s · a − Σ w · μ</c> of trained weights v and a bias a.
/// </summary>
internal sealed class StandardizedEngine : ILinearEngine
{
    private readonly ILinearEngine _engine;
    private readonly Standardization _standardization;
    private readonly LabelScale _labels;
    private readonly LinearWeights? _initial;

    /// <param name="engine">Trains; disposed of with this.</param>
    /// <param name="standardization">The scale of the features.</param>
    /// <param name="labels">The scale of the scores.</param>
    /// <param name="initial">
    /// What training begins with, for the features and the label as they came; null for nothing. A feature that does not vary keeps its
    /// weight.
    /// </param>
    public StandardizedEngine(ILinearEngine engine, Standardization standardization, LabelScale labels, LinearWeights? initial) =>
        (_engine, _standardization, _labels, _initial) = (engine, standardization, labels, initial);

    /// <inheritdoc/>
    public int ModelCount => _engine.ModelCount;

    /// <summary>Weights for features and labels as they came, as an engine has them that trains on a scale.</summary>
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

    /// <summary>Makes weights for the features as they came of trained ones, in place.</summary>
    /// <param name="own">The weights of an output.</param>
    /// <param name="initial">What features have that do not vary; empty for zeros.</param>
    /// <param name="trainedBias">The bias that goes with the trained ones.</param>
    /// <returns>The bias.</returns>
    private double Unscale(Span<float> own, ReadOnlySpan<float> initial, float trainedBias)
    {
        var means = _standardization.Means.Span;
        var scales = _standardization.Scales.Span;
        var (bias, next, scaleOfLabels) = (_labels.PredictionOf(trainedBias), 0, _labels.Scale);
        for (var i = 0; i < means.Length; i++)
        {
            var feature = _standardization.Features is { } features ? features[i] : i;
            // What no row has does not vary.
            if (next < feature) SetInitial(own[next..feature], initial, next);
            own[feature] = scales[i] == 0
                ? initial.IsEmpty ? 0 : initial[feature] : (float)(scaleOfLabels * scales[i] * own[feature]);
            // Of the weight as it was rounded, so that the bias makes up for it.
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
