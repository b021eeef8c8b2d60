using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

public sealed class LinearBinaryModelParameters : LinearModelParameters
{
    internal const string LoaderSignature = "Linear2CExec";

    public readonly ModelStatisticsBase Statistics;

    internal LinearBinaryModelParameters(IHostEnvironment env, in VBuffer<float> weights, float bias, ModelStatisticsBase stats = null)
        : base(env, "LinearBinaryPredictor", in weights, bias) => Statistics = stats;

    private protected override void SaveCore(ModelSaveContext ctx)
    {
        SaveParameters(ctx, LoaderSignature);
        ModelStatisticsBase.SaveOptional(Statistics, ctx);
    }

    internal static LinearBinaryModelParameters Load(ModelLoadContext ctx)
    {
        var bias = ctx.Reader.ReadSingle();
        return new(ctx.Env, WeightsFormat.Read(ctx.Reader), bias, ModelStatisticsBase.LoadOptional(ctx));
    }
}
