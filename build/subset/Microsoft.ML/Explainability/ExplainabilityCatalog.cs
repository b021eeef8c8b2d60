using Microsoft.ML.Calibrators;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

public static class ExplainabilityCatalog
{
    public static FeatureContributionCalculatingEstimator CalculateFeatureContribution(this TransformsCatalog catalog,
        ISingleFeaturePredictionTransformer<ICalculateFeatureContribution> predictionTransformer,
        int numberOfPositiveContributions = 10, int numberOfNegativeContributions = 10, bool normalize = true) =>
        new(predictionTransformer.Model, predictionTransformer.FeatureColumnName, numberOfPositiveContributions,
            numberOfNegativeContributions, normalize);

    public static FeatureContributionCalculatingEstimator CalculateFeatureContribution<TModelParameters, TCalibrator>(
        this TransformsCatalog catalog,
        ISingleFeaturePredictionTransformer<CalibratedModelParametersBase<TModelParameters, TCalibrator>> predictionTransformer,
        int numberOfPositiveContributions = 10, int numberOfNegativeContributions = 10, bool normalize = true)
        where TModelParameters : class, ICalculateFeatureContribution
        where TCalibrator : class, ICalibrator =>
        new(predictionTransformer.Model.SubModel, predictionTransformer.FeatureColumnName, numberOfPositiveContributions,
            numberOfNegativeContributions, normalize);
}
