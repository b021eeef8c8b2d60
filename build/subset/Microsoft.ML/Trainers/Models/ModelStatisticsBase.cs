using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>How well a linear model fits the rows it was trained on.</summary>
public class ModelStatisticsBase : ICanSaveModel
{
    internal const string LoaderSignature = "ModelStatistics";

    public readonly long TrainingExampleCount;
    public readonly float Deviance;
    public readonly float NullDeviance;
    public readonly int ParametersCount;

    internal ModelStatisticsBase(IHostEnvironment env, long trainingExampleCount, int parametersCount, float deviance, float nullDeviance)
    {
        Contracts.CheckValue(env, nameof(env));
        TrainingExampleCount = trainingExampleCount;
        ParametersCount = parametersCount;
        Deviance = deviance;
        NullDeviance = nullDeviance;
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        ctx.Writer.Write(TrainingExampleCount);
        ctx.Writer.Write(ParametersCount);
        ctx.Writer.Write(Deviance);
        ctx.Writer.Write(NullDeviance);
    }

    internal static ModelStatisticsBase Load(ModelLoadContext ctx) =>
        new(ctx.Env, ctx.Reader.ReadInt64(), ctx.Reader.ReadInt32(), ctx.Reader.ReadSingle(), ctx.Reader.ReadSingle());

    internal static void SaveOptional(ModelStatisticsBase statistics, ModelSaveContext ctx)
    {
        ctx.Writer.Write(statistics is not null);
        if (statistics is not null) ctx.SaveModel(statistics, "ModelStats");
    }

    internal static ModelStatisticsBase LoadOptional(ModelLoadContext ctx) =>
        ctx.Reader.ReadBoolean() ? ctx.LoadModel<ModelStatisticsBase>("ModelStats") : null;
}
