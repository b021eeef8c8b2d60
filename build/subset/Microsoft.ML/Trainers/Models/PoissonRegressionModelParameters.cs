using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>A model whose score is exp(Σ weightᵢ·featureᵢ + bias).</summary>
public sealed class PoissonRegressionModelParameters : RegressionModelParameters
{
    internal const string LoaderSignature = "PoissonRegressionExec";

    internal PoissonRegressionModelParameters(IHostEnvironment env, in VBuffer<float> weights, float bias)
        : base(env, "PoissonRegressionPredictor", in weights, bias) { }

    private protected override float ScoreOf(float product) => (float)Math.Exp(product);

    private protected override void SaveCore(ModelSaveContext ctx) => SaveParameters(ctx, LoaderSignature);

    internal static PoissonRegressionModelParameters Load(ModelLoadContext ctx)
    {
        var bias = ctx.Reader.ReadSingle();
        return new(ctx.Env, WeightsFormat.Read(ctx.Reader), bias);
    }
}
