using System.Collections;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>A model whose score is Σ weightᵢ·featureᵢ + bias.</summary>
public abstract class LinearModelParameters :
    ModelParametersBase<float>, ICalculateFeatureContribution, IFeatureContributionMapper, IScalarModel, IHaveFeatureWeights
{
    private readonly VBuffer<float> _weights;
    private readonly float[] _dense;
    private readonly VectorDataViewType _inputType;

    private protected LinearModelParameters(IHostEnvironment env, string name, in VBuffer<float> weights, float bias)
        : base(env, name)
    {
        foreach (var weight in weights.GetValues())
            Contracts.CheckParam(float.IsFinite(weight), nameof(weights), "Cannot initialize linear predictor with non-finite weights");
        Contracts.CheckParam(float.IsFinite(bias), nameof(bias), "Cannot initialize linear predictor with non-finite bias");
        _weights = weights;
        _dense = [.. weights.DenseValues()];
        _inputType = new VectorDataViewType(NumberDataViewType.Single, weights.Length);
        Weights = new WeightList(_dense);
        Bias = bias;
    }

    public IReadOnlyList<float> Weights { get; }

    public float Bias { get; protected set; }

    FeatureContributionCalculator ICalculateFeatureContribution.FeatureContributionCalculator => new(this);

    VectorDataViewType IScalarModel.InputType => _inputType;

    float IScalarModel.Score(in VBuffer<float> features)
    {
        if (features.Length != _dense.Length)
            throw new InvalidOperationException($"Input is of length {features.Length}, but predictor expected length {_dense.Length}");
        return ScoreOf(Bias + DotProduct.Of(in _weights, _dense, in features));
    }

    private protected virtual float ScoreOf(float product) => product;

    // What a vector leaves out adds nothing.
    void IFeatureContributionMapper.GetFeatureContributions(in VBuffer<float> features, List<FeatureContribution> contributions)
    {
        Contracts.Check(features.Length == _dense.Length,
            $"Input is of length {features.Length} does not match expected length  of weights {_dense.Length}");
        var values = features.GetValues();
        var slots = features.GetIndices();
        for (var i = 0; i < values.Length; i++)
        {
            var slot = features.IsDense ? i : slots[i];
            contributions.Add(new(slot, values[i] * _dense[slot]));
        }
    }

    private protected void SaveParameters(ModelSaveContext ctx, string signature)
    {
        ctx.SetLoader(signature);
        ctx.Writer.Write(Bias);
        WeightsFormat.Write(ctx.Writer, in _weights);
    }

    private sealed class WeightList(float[] weights) : IReadOnlyList<float>
    {
        public int Count => weights.Length;

        public float this[int index]
        {
            get
            {
                Contracts.CheckParam((uint)index < (uint)weights.Length, nameof(index), "Out of range");
                return weights[index];
            }
        }

        public IEnumerator<float> GetEnumerator() => ((IEnumerable<float>)weights).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
