using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Calibrators;

internal sealed class ParameterMixingCalibratedModelParameters<TSubModel, TCalibrator> :
    CalibratedModelParametersBase<TSubModel, TCalibrator>, IScalarModel, ICanSaveModel, ICalculateFeatureContribution
    where TSubModel : class
    where TCalibrator : class, ICalibrator
{
    private readonly IScalarModel _scorer;

    internal ParameterMixingCalibratedModelParameters(IHostEnvironment env, TSubModel predictor, TCalibrator calibrator)
        : base(env, predictor, calibrator)
    {
        _scorer = predictor as IScalarModel;
        Contracts.CheckParam(_scorer is not null, nameof(predictor), $"{typeof(TSubModel).Name} gives no score a row");
    }

    FeatureContributionCalculator ICalculateFeatureContribution.FeatureContributionCalculator => new();

    VectorDataViewType IScalarModel.InputType => _scorer.InputType;

    float IScalarModel.Score(in VBuffer<float> features) => _scorer.Score(in features);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.SetLoader(CalibratedModel.LoaderSignature);
        ctx.SaveModel(SubModel, "Predictor");
        ctx.SaveModel(Calibrator, "Calibrator");
    }
}

internal static class CalibratedModel
{
    internal const string LoaderSignature = "PMixCaliPredExec";

    internal static object Load(ModelLoadContext ctx) =>
        new ParameterMixingCalibratedModelParameters<LinearBinaryModelParameters, PlattCalibrator>(
            ctx.Env, ctx.LoadModel<LinearBinaryModelParameters>("Predictor"), ctx.LoadModel<PlattCalibrator>("Calibrator"));
}
