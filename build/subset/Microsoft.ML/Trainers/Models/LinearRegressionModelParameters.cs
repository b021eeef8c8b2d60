using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

public abstract class RegressionModelParameters : LinearModelParameters
{
    private protected RegressionModelParameters(IHostEnvironment env, string name, in VBuffer<float> weights, float bias)
        : base(env, name, in weights, bias) { }
}

public sealed class LinearRegressionModelParameters : RegressionModelParameters
{
    internal const string LoaderSignature = "LinearRegressionExec";

    internal LinearRegressionModelParameters(IHostEnvironment env, in VBuffer<float> weights, float bias)
        : base(env, "LinearRegressionPredictor", in weights, bias) { }

    private protected override void SaveCore(ModelSaveContext ctx) => SaveParameters(ctx, LoaderSignature);

    internal static LinearRegressionModelParameters Load(ModelLoadContext ctx)
    {
        var bias = ctx.Reader.ReadSingle();
        return new(ctx.Env, WeightsFormat.Read(ctx.Reader), bias);
    }
}
