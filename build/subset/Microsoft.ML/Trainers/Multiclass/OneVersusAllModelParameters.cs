using System.Collections.Immutable;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>One binary model a class. The scores are theirs, or their probabilities divided by the sum of these.</summary>
public sealed class OneVersusAllModelParameters : ModelParametersBase<VBuffer<float>>, IClassModel
{
    internal const string LoaderSignature = "OVAExec";

    private readonly IScalarModel[] _models;
    private readonly ICalibrator[] _calibrators;
    private readonly VectorDataViewType _outputType;

    private OneVersusAllModelParameters(IHostEnvironment env, IScalarModel[] models, ICalibrator[] calibrators) : base(env, "OVAPredictor")
    {
        BinaryModels.Check(models);
        _models = models;
        _calibrators = calibrators;
        _outputType = new VectorDataViewType(NumberDataViewType.Single, models.Length);
    }

    internal ImmutableArray<object> SubModelParameters => [.. _models];

    VectorDataViewType IClassModel.InputType => _models[0].InputType;

    VectorDataViewType IClassModel.OutputType => _outputType;

    internal static OneVersusAllModelParameters Create(IHostEnvironment env, bool useProbability, IScalarModel[] predictors) =>
        new(env, predictors, useProbability ? BinaryModels.CalibratorsOf(predictors) : null);

    void IClassModel.Score(in VBuffer<float> features, ref VBuffer<float> scores)
    {
        var editor = VBufferEditor.Create(ref scores, _models.Length);
        for (var i = 0; i < _models.Length; i++)
        {
            var score = _models[i].Score(in features);
            editor.Values[i] = _calibrators is null ? score : _calibrators[i].PredictProbability(score);
        }
        if (_calibrators is not null) Normalize(editor.Values);
        scores = editor.Commit();
    }

    // A missing probability stays missing and takes nothing from the others.
    private static void Normalize(Span<float> probabilities)
    {
        var sum = 0.0;
        foreach (var probability in probabilities)
            if (!float.IsNaN(probability)) sum += probability;
        if (!(sum > 0)) return;
        foreach (ref var probability in probabilities)
            probability = (float)(probability / sum);
    }

    private protected override void SaveCore(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        ctx.Writer.Write(_calibrators is not null);
        ctx.Writer.Write(_models.Length);
        for (var i = 0; i < _models.Length; i++)
            ctx.SaveModel(_models[i], NameOf(i));
    }

    internal static OneVersusAllModelParameters Load(ModelLoadContext ctx)
    {
        var useProbability = ctx.Reader.ReadBoolean();
        var models = new List<IScalarModel>();
        for (var left = ctx.Reader.ReadInt32(); left > 0; left--)
            models.Add(ctx.LoadModel<IScalarModel>(NameOf(models.Count)));
        if (models.Count == 0) throw new FormatException("Corrupt model file: no class has a model");
        return Create(ctx.Env, useProbability, [.. models]);
    }

    private static string NameOf(int index) => $"SubPredictor_{index:000}";
}
