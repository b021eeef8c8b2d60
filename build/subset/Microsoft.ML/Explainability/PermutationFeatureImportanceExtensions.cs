using System.Collections.Immutable;
using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public static class PermutationFeatureImportanceExtensions
{
    public static ImmutableArray<RegressionMetricsStatistics> PermutationFeatureImportance<TModel>(this RegressionCatalog catalog,
        ISingleFeaturePredictionTransformer<TModel> predictionTransformer, IDataView data,
        string labelColumnName = DefaultColumnNames.Label, bool useFeatureWeightFilter = false, int? numberOfExamplesToUse = null,
        int permutationCount = 1)
        where TModel : class =>
        For(catalog, labelColumnName, new(useFeatureWeightFilter, numberOfExamplesToUse, permutationCount))
            .Measure(predictionTransformer, data, predictionTransformer.FeatureColumnName);

    public static ImmutableDictionary<string, RegressionMetricsStatistics> PermutationFeatureImportance(this RegressionCatalog catalog,
        ITransformer model, IDataView data,
        string labelColumnName = DefaultColumnNames.Label, bool useFeatureWeightFilter = false, int? numberOfExamplesToUse = null,
        int permutationCount = 1) =>
        ByName(For(catalog, labelColumnName, new(useFeatureWeightFilter, numberOfExamplesToUse, permutationCount)), model, data);

    public static ImmutableArray<BinaryClassificationMetricsStatistics> PermutationFeatureImportance<TModel>(
        this BinaryClassificationCatalog catalog,
        ISingleFeaturePredictionTransformer<TModel> predictionTransformer, IDataView data,
        string labelColumnName = DefaultColumnNames.Label, bool useFeatureWeightFilter = false, int? numberOfExamplesToUse = null,
        int permutationCount = 1)
        where TModel : class =>
        For(catalog, labelColumnName, new(useFeatureWeightFilter, numberOfExamplesToUse, permutationCount))
            .Measure(predictionTransformer, data, predictionTransformer.FeatureColumnName);

    public static ImmutableDictionary<string, BinaryClassificationMetricsStatistics> PermutationFeatureImportanceNonCalibrated(
        this BinaryClassificationCatalog catalog,
        ITransformer model, IDataView data,
        string labelColumnName = DefaultColumnNames.Label, bool useFeatureWeightFilter = false, int? numberOfExamplesToUse = null,
        int permutationCount = 1) =>
        ByName(For(catalog, labelColumnName, new(useFeatureWeightFilter, numberOfExamplesToUse, permutationCount)), model, data);

    public static ImmutableArray<MulticlassClassificationMetricsStatistics> PermutationFeatureImportance<TModel>(
        this MulticlassClassificationCatalog catalog,
        ISingleFeaturePredictionTransformer<TModel> predictionTransformer, IDataView data,
        string labelColumnName = DefaultColumnNames.Label, bool useFeatureWeightFilter = false, int? numberOfExamplesToUse = null,
        int permutationCount = 1)
        where TModel : class =>
        For(catalog, labelColumnName, new(useFeatureWeightFilter, numberOfExamplesToUse, permutationCount))
            .Measure(predictionTransformer, data, predictionTransformer.FeatureColumnName);

    public static ImmutableDictionary<string, MulticlassClassificationMetricsStatistics> PermutationFeatureImportance(
        this MulticlassClassificationCatalog catalog,
        ITransformer model, IDataView data,
        string labelColumnName = DefaultColumnNames.Label, bool useFeatureWeightFilter = false, int? numberOfExamplesToUse = null,
        int permutationCount = 1) =>
        ByName(For(catalog, labelColumnName, new(useFeatureWeightFilter, numberOfExamplesToUse, permutationCount)), model, data);

    private static PermutationFeatureImportance<RegressionMetrics, RegressionMetricsStatistics> For(
        RegressionCatalog catalog, string label, PermutationOptions options)
    {
        Contracts.CheckValue(catalog, nameof(catalog));
        return new(catalog.Environment, data => catalog.Evaluate(data, label), () => new(), options);
    }

    private static PermutationFeatureImportance<BinaryClassificationMetrics, BinaryClassificationMetricsStatistics> For(
        BinaryClassificationCatalog catalog, string label, PermutationOptions options)
    {
        Contracts.CheckValue(catalog, nameof(catalog));
        return new(catalog.Environment, data => catalog.EvaluateNonCalibrated(data, label), () => new(), options);
    }

    private static PermutationFeatureImportance<MulticlassClassificationMetrics, MulticlassClassificationMetricsStatistics> For(
        MulticlassClassificationCatalog catalog, string label, PermutationOptions options)
    {
        Contracts.CheckValue(catalog, nameof(catalog));
        return new(catalog.Environment, data => catalog.Evaluate(data, label), () => new(), options);
    }

    private static ImmutableDictionary<string, TStatistics> ByName<TMetrics, TStatistics>(
        PermutationFeatureImportance<TMetrics, TStatistics> importance, ITransformer model, IDataView data)
        where TStatistics : IMetricsStatistics<TMetrics>
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckValue(model, nameof(model));
        var lastTransformer = (model is ITransformerChainAccessor chain ? chain.Transformers : [model])
            .OfType<ISingleFeaturePredictionTransformer>().LastOrDefault()
            ?? throw new ArgumentNullException("lastTransformer", "The model provided does not have a compatible predictor");
        var statistics = Measure(importance, lastTransformer, data);

        var slotNames = default(VBuffer<ReadOnlyMemory<char>>);
        data.Schema[lastTransformer.FeatureColumnName].Annotations.GetValue(AnnotationKinds.SlotNames, ref slotNames);
        // A list, whose exception is ML.NET's where the weight filter made more results than there are names.
        var names = slotNames.ToStrings().ToList();
        var byName = ImmutableDictionary.CreateBuilder<string, TStatistics>();
        for (var i = 0; i < statistics.Length; i++)
            byName.Add(names[i] is "" ? $"Slot {i}" : names[i], statistics[i]);
        return byName.ToImmutable();
    }

    // ML.NET, which learns the model's type only here, gets to its engine by reflection: what that throws arrives wrapped.
    private static ImmutableArray<TStatistics> Measure<TMetrics, TStatistics>(
        PermutationFeatureImportance<TMetrics, TStatistics> importance, ISingleFeaturePredictionTransformer transformer, IDataView data)
        where TStatistics : IMetricsStatistics<TMetrics>
    {
        try
        {
            return importance.Measure((IPredictionTransformer<object>)transformer, data, transformer.FeatureColumnName);
        }
        catch (Exception inner)
        {
            throw new TargetInvocationException(inner);
        }
    }
}
