using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

/// <summary>Which method reads back which component: the signature a component saved itself under, and its loader.</summary>
internal static class ModelLoaders
{
    private static readonly Dictionary<string, Func<ModelLoadContext, object>> _table = new(StringComparer.Ordinal)
    {
        [TransformerChain.LoaderSignature] = TransformerChain.Load,
        [TextLoader.LoaderSignature] = TextLoader.Load,
        [ColumnConcatenatingTransformer.LoaderSignature] = ColumnConcatenatingTransformer.Load,
        [ColumnCopyingTransformer.LoaderSignature] = ColumnCopyingTransformer.Load,
        [ColumnSelectingTransformer.LoaderSignature] = ColumnSelectingTransformer.Load,
        [NormalizingTransformer.LoaderSignature] = NormalizingTransformer.Load,
        [ValueToKeyMappingTransformer.LoaderSignature] = ValueToKeyMappingTransformer.Load,
        [KeyToValueMappingTransformer.LoaderSignature] = KeyToValueMappingTransformer.Load,
        [KeyToVectorMappingTransformer.LoaderSignature] = KeyToVectorMappingTransformer.Load,
        [TypeConvertingTransformer.LoaderSignature] = TypeConvertingTransformer.Load,
        [FeatureContributionCalculatingTransformer.LoaderSignature] = FeatureContributionCalculatingTransformer.Load,
        [RegressionPredictionTransformer.LoaderSignature] = RegressionPredictionTransformer.Load,
        [BinaryPredictionTransformer.LoaderSignature] = BinaryPredictionTransformer.Load,
        [MulticlassPredictionTransformer.LoaderSignature] = MulticlassPredictionTransformer.Load,
        [LinearRegressionModelParameters.LoaderSignature] = LinearRegressionModelParameters.Load,
        [PoissonRegressionModelParameters.LoaderSignature] = PoissonRegressionModelParameters.Load,
        [LinearBinaryModelParameters.LoaderSignature] = LinearBinaryModelParameters.Load,
        [MaximumEntropyModelParameters.LoaderSignature] = MaximumEntropyModelParameters.Load,
        [OneVersusAllModelParameters.LoaderSignature] = OneVersusAllModelParameters.Load,
        [PairwiseCouplingModelParameters.LoaderSignature] = PairwiseCouplingModelParameters.Load,
        [CalibratedModel.LoaderSignature] = CalibratedModel.Load,
        [PlattCalibratorTransformer.LoaderSignature] = PlattCalibratorTransformer.Load,
        [PlattCalibrator.LoaderSignature] = PlattCalibrator.Load,
        [ModelStatisticsBase.LoaderSignature] = ModelStatisticsBase.Load,
    };

    internal static object Load(string signature, ModelLoadContext context) =>
        _table.TryGetValue(signature, out var load)
            ? load(context)
            : throw new FormatException($"Corrupt model file: no loader is known for '{signature}'");
}
