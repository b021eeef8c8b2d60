using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>A linear multiclass model whose scores are probabilities: the softmax of the classes' linear scores.</summary>
public sealed class MaximumEntropyModelParameters : LinearMulticlassModelParametersBase
{
    internal const string LoaderSignature = "MultiClassLRExec";

    // A class whose linear score lies this far below the best one's adds nothing to the normaliser.
    private const float LogTolerance = 30;

    internal MaximumEntropyModelParameters(IHostEnvironment env, VBuffer<float>[] weights, float[] bias, int numClasses, int numFeatures,
        string[] labelNames, ModelStatisticsBase stats = null)
        : base(env, "MulticlassLogisticRegressionPredictor", weights, bias, numClasses, numFeatures, labelNames, stats) { }

    private protected override void SaveCore(ModelSaveContext ctx) => SaveParameters(ctx, LoaderSignature);

    internal static MaximumEntropyModelParameters Load(ModelLoadContext ctx)
    {
        var reader = ctx.Reader;
        var classes = reader.ReadInt32();
        if (classes < 2 || classes > reader.BaseStream.Length)
            throw new FormatException($"Corrupt model file: {classes} classes");
        var biases = new float[classes];
        var weights = new VBuffer<float>[classes];
        for (var i = 0; i < classes; i++)
        {
            biases[i] = reader.ReadSingle();
            weights[i] = WeightsFormat.Read(reader);
            var (length, expected) = (weights[i].Length, weights[0].Length);
            if (length != expected || length == 0)
                throw new FormatException($"Corrupt model file: class {i} has {length} weights, class 0 has {expected}");
        }
        string[] labelNames = null;
        if (reader.ReadBoolean())
        {
            labelNames = new string[classes];
            for (var i = 0; i < classes; i++) labelNames[i] = reader.ReadOptional();
        }
        return new(ctx.Env, weights, biases, classes, weights[0].Length, labelNames, ModelStatisticsBase.LoadOptional(ctx));
    }

    private protected override void Calibrate(Span<float> scores)
    {
        var normaliser = LogSumExp(scores);
        for (var i = 0; i < scores.Length; i++)
            scores[i] = (float)Math.Exp(scores[i] - normaliser);
    }

    private static float LogSumExp(ReadOnlySpan<float> scores)
    {
        var best = -1;
        for (var i = 0; i < scores.Length; i++)
            if (scores[i] > (best < 0 ? float.NegativeInfinity : scores[best])) best = i;
        if (best < 0) return float.NegativeInfinity;
        var maximum = scores[best];
        var others = 0.0;
        for (var i = 0; i < scores.Length; i++)
            if (i != best && scores[i] > maximum - LogTolerance) others += Math.Exp(scores[i] - maximum);
        return others > 0 ? (float)(maximum + Math.Log(1 + others)) : maximum;
    }
}
