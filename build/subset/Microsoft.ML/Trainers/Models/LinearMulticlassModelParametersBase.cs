using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>A model of one linear score a class: Σ weightᵢ·featureᵢ + bias, with weights and a bias of its own.</summary>
public abstract class LinearMulticlassModelParametersBase : ModelParametersBase<VBuffer<float>>, IClassModel
{
    private readonly VBuffer<float>[] _weights;
    private readonly float[][] _dense;
    private readonly float[] _biases;
    private readonly string[] _labelNames;
    private readonly VectorDataViewType _inputType;
    private readonly VectorDataViewType _outputType;

    public readonly ModelStatisticsBase Statistics;

    private protected LinearMulticlassModelParametersBase(IHostEnvironment env, string name, VBuffer<float>[] weights, float[] bias,
        int numClasses, int numFeatures, string[] labelNames, ModelStatisticsBase stats)
        : base(env, name)
    {
        Contracts.CheckValue(weights, nameof(weights));
        Contracts.CheckValue(bias, nameof(bias));
        Contracts.CheckParam(numClasses >= 2, nameof(numClasses), "Must be at least 2.");
        Contracts.CheckParam(numFeatures >= 1, nameof(numFeatures), "Must be positive.");
        Contracts.CheckParam(weights.Length == numClasses && weights.All(w => w.Length == numFeatures), nameof(weights),
            $"Must be {numClasses} vectors of {numFeatures} weights.");
        Contracts.CheckParam(bias.Length == numClasses, nameof(bias), $"Must be {numClasses} biases.");
        Contracts.CheckParam(labelNames is null || labelNames.Length == numClasses, nameof(labelNames), $"Must be {numClasses} names.");
        _weights = Array.ConvertAll(weights, Copy);
        _dense = Array.ConvertAll(weights, w => w.DenseValues().ToArray());
        _biases = [.. bias];
        _labelNames = labelNames;
        _inputType = new VectorDataViewType(NumberDataViewType.Single, numFeatures);
        _outputType = new VectorDataViewType(NumberDataViewType.Single, numClasses);
        Statistics = stats;
    }

    public void GetWeights(ref VBuffer<float>[] weights, out int numClasses)
    {
        numClasses = _weights.Length;
        if (weights is null || weights.Length < numClasses) Array.Resize(ref weights, numClasses);
        for (var i = 0; i < numClasses; i++) _weights[i].CopyTo(ref weights[i]);
    }

    public IEnumerable<float> GetBiases() => _biases;

    VectorDataViewType IClassModel.InputType => _inputType;

    VectorDataViewType IClassModel.OutputType => _outputType;

    void IClassModel.Score(in VBuffer<float> features, ref VBuffer<float> scores)
    {
        if (features.Length != _inputType.Size)
            throw new InvalidOperationException("src length should equal the number of features");
        var editor = VBufferEditor.Create(ref scores, _biases.Length);
        for (var i = 0; i < _biases.Length; i++)
            editor.Values[i] = _biases[i] + DotProduct.Of(in _weights[i], _dense[i], in features);
        Calibrate(editor.Values);
        scores = editor.Commit();
    }

    /// <summary>Turns the linear scores of the classes into what the model gives.</summary>
    private protected abstract void Calibrate(Span<float> scores);

    private protected void SaveParameters(ModelSaveContext ctx, string signature)
    {
        ctx.SetLoader(signature);
        ctx.Writer.Write(_biases.Length);
        for (var i = 0; i < _biases.Length; i++)
        {
            ctx.Writer.Write(_biases[i]);
            WeightsFormat.Write(ctx.Writer, in _weights[i]);
        }
        ctx.Writer.Write(_labelNames is not null);
        foreach (var name in _labelNames ?? []) ctx.Writer.WriteOptional(name);
        ModelStatisticsBase.SaveOptional(Statistics, ctx);
    }

    private static VBuffer<float> Copy(VBuffer<float> source)
    {
        var copy = default(VBuffer<float>);
        source.CopyTo(ref copy);
        return copy;
    }
}
