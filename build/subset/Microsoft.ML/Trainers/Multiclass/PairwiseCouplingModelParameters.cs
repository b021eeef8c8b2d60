using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>
/// One calibrated binary model for each pair of classes (i, j), j ≤ i, whose probability pᵢⱼ is that of the row being of class i or j. Given
/// K classes, the score of class i is in proportion to pᵢᵢ / (Σⱼ pᵢⱼ − (K − 2) · pᵢᵢ), over the j that are not i; the scores add up to 1.
/// </summary>
public sealed class PairwiseCouplingModelParameters : ModelParametersBase<VBuffer<float>>, IClassModel
{
    internal const string LoaderSignature = "PKPDExec";

    private readonly int _classes;
    private readonly IScalarModel[] _models;
    private readonly ICalibrator[] _calibrators;
    private readonly VectorDataViewType _outputType;

    /// <param name="env">The environment.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="predictors">Their models, in the order of <see cref="PairsOf"/>.</param>
    internal PairwiseCouplingModelParameters(IHostEnvironment env, int classes, IScalarModel[] predictors) : base(env, "PKPDPredictor")
    {
        BinaryModels.Check(predictors);
        _classes = classes;
        _models = predictors;
        _calibrators = BinaryModels.CalibratorsOf(predictors);
        _outputType = new VectorDataViewType(NumberDataViewType.Single, classes);
    }

    VectorDataViewType IClassModel.InputType => _models[0].InputType;

    VectorDataViewType IClassModel.OutputType => _outputType;

    /// <summary>All pairs (i, j) with j ≤ i: (0, 0), (1, 0), (1, 1), (2, 0) …</summary>
    internal static IEnumerable<(int First, int Second)> PairsOf(int classes)
    {
        for (var i = 0; i < classes; i++)
            for (var j = 0; j <= i; j++)
                yield return (i, j);
    }

    void IClassModel.Score(in VBuffer<float> features, ref VBuffer<float> scores)
    {
        var pairs = new double[_models.Length];
        for (var i = 0; i < pairs.Length; i++)
            pairs[i] = _calibrators[i].PredictProbability(_models[i].Score(in features));
        Reconcile(pairs);

        Span<double> shares = new double[_classes];
        var sum = 0.0;
        for (var i = 0; i < _classes; i++)
            sum += shares[i] = ShareOf(i, pairs);
        if (sum <= 0) sum = 1;

        var editor = VBufferEditor.Create(ref scores, _classes);
        for (var i = 0; i < _classes; i++)
            editor.Values[i] = (float)(shares[i] / sum);
        scores = editor.Commit();
    }

    // A row is at least as likely to be of one class or another as to be of the one; models trained apart need not agree.
    private void Reconcile(double[] pairs)
    {
        for (var i = 0; i < _classes; i++)
        {
            var own = pairs[IndexOf(i, i)];
            if (!(own > 0)) continue;
            for (var j = 0; j < _classes; j++)
            {
                ref var pair = ref pairs[IndexOf(i, j)];
                if (!(pair >= own)) pair = own;
            }
        }
    }

    private double ShareOf(int i, double[] pairs)
    {
        var own = pairs[IndexOf(i, i)];
        if (!(own > 0)) return 0;
        var sum = 0.0;
        for (var j = 0; j < _classes; j++)
            if (j != i) sum += pairs[IndexOf(i, j)];
        // The difference is never below pᵢᵢ but by rounding.
        return own / Math.Max(own, sum - (_classes - 2) * own);
    }

    private static int IndexOf(int i, int j) => i >= j ? i * (i + 1) / 2 + j : IndexOf(j, i);

    private protected override void SaveCore(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        ctx.Writer.Write(_classes);
        foreach (var pair in PairsOf(_classes))
            ctx.SaveModel(_models[IndexOf(pair.First, pair.Second)], NameOf(pair));
    }

    internal static PairwiseCouplingModelParameters Load(ModelLoadContext ctx)
    {
        var classes = ctx.Reader.ReadInt32();
        if (classes <= 0) throw new FormatException($"Corrupt model file: {classes} classes");
        var models = PairsOf(classes).Select(pair => ctx.LoadModel<IScalarModel>(NameOf(pair))).ToArray();
        return new(ctx.Env, classes, models);
    }

    private static string NameOf((int First, int Second) pair) =>
        pair.First == pair.Second ? $"SubPredictor_{pair.First:000}" : $"SubPredictor_{pair.First:000}_{pair.Second:000}";
}
