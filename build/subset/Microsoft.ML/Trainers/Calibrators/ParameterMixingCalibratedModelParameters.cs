using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Calibrators;

internal sealed class ParameterMixingCalibratedModelParameters<TSubModel, TCalibrator> :
    CalibratedModelParametersBase<TSubModel, TCalibrator>,
    ICanSaveModel, ICalculateFeatureContribution, IFeatureContributionMapper, IHaveFeatureWeights
    where TSubModel : class
    where TCalibrator : class, ICalibrator
{
    internal ParameterMixingCalibratedModelParameters(IHostEnvironment env, TSubModel predictor, TCalibrator calibrator)
        : base(env, predictor, calibrator) { }

    IReadOnlyList<float> IHaveFeatureWeights.Weights => ((IHaveFeatureWeights)SubModel).Weights;

    FeatureContributionCalculator ICalculateFeatureContribution.FeatureContributionCalculator => new(this);

    void IFeatureContributionMapper.GetFeatureContributions(in VBuffer<float> features, List<FeatureContribution> contributions) =>
        ((IFeatureContributionMapper)SubModel).GetFeatureContributions(in features, contributions);

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

    /// <summary>A model with a calibrator that was trained for it.</summary>
    internal static CalibratedModelParametersBase Create(IHostEnvironment env, object model, ICalibrator calibrator) => (model, calibrator) switch
    {
        (LinearBinaryModelParameters linear, PlattCalibrator platt) =>
            new ParameterMixingCalibratedModelParameters<LinearBinaryModelParameters, PlattCalibrator>(env, linear, platt),
        _ => throw Contracts.ExceptNotInSubset($"A {calibrator.GetType().Name} of a {model.GetType().Name}"),
    };

    internal static object Load(ModelLoadContext ctx) =>
        Create(ctx.Env, ctx.LoadModel<LinearBinaryModelParameters>("Predictor"), ctx.LoadModel<PlattCalibrator>("Calibrator"));
}
