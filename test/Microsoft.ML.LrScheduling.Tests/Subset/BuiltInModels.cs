using System.Reflection;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>Makes built-in models of given weights, whose constructors ML.NET keeps internal.</summary>
internal sealed class BuiltInModels(MLContext ml)
{
    internal LinearRegressionModelParameters Regression(VBuffer<float> weights, float bias) =>
        New<LinearRegressionModelParameters>(ml, weights, bias);

    internal LinearBinaryModelParameters Binary(VBuffer<float> weights, float bias) =>
        New<LinearBinaryModelParameters>(ml, weights, bias, null);

    internal CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> Calibrated(VBuffer<float> weights, float bias)
    {
        var type = typeof(CalibratedModelParametersBase<,>).Assembly
            .GetType("Microsoft.ML.Calibrators.ParameterMixingCalibratedModelParameters`2", throwOnError: true)!
            .MakeGenericType(typeof(LinearBinaryModelParameters), typeof(PlattCalibrator));
        return (CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>)New(
            type, ml, Binary(weights, bias), New<PlattCalibrator>(ml, -1.0, 0.0));
    }

    internal MaximumEntropyModelParameters MaximumEntropy(VBuffer<float>[] weights, float[] biases) =>
        New<MaximumEntropyModelParameters>(ml, weights, biases, weights.Length, weights[0].Length, null, null);

    internal RegressionPredictionTransformer<LinearRegressionModelParameters> RegressionTransformer(
        DataViewSchema schema, VBuffer<float> weights, float bias) =>
        New<RegressionPredictionTransformer<LinearRegressionModelParameters>>(ml, Regression(weights, bias), schema, "Features");

    internal BinaryPredictionTransformer<TModel> BinaryTransformer<TModel>(DataViewSchema schema, TModel model) where TModel : class =>
        New<BinaryPredictionTransformer<TModel>>(ml, model, schema, "Features", 0f, "Score");

    internal MulticlassPredictionTransformer<MaximumEntropyModelParameters> MulticlassTransformer(
        DataViewSchema schema, VBuffer<float>[] weights, float[] biases, string label = "Label") =>
        New<MulticlassPredictionTransformer<MaximumEntropyModelParameters>>(
            ml, MaximumEntropy(weights, biases), schema, "Features", label, "Score", "PredictedLabel");

    internal static TrainerInfo Info(bool normalization) => New<TrainerInfo>(normalization, false, false, false, false, false);

    internal static SchemaShape ShapeOf(DataViewSchema schema) =>
        (SchemaShape)typeof(SchemaShape).GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)!.Invoke(null, [schema])!;

    private static T New<T>(params object?[] arguments) => (T)New(typeof(T), arguments);

    private static object New(Type type, params object?[] arguments)
    {
        var constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
            .Single(candidate => Takes(candidate.GetParameters(), arguments));
        return constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    private static bool Takes(ParameterInfo[] parameters, object?[] arguments) =>
        parameters.Length == arguments.Length && parameters.Zip(arguments).All(pair =>
            pair.Second is null || Plain(pair.First.ParameterType).IsInstanceOfType(pair.Second));

    private static Type Plain(Type type) => type.IsByRef ? type.GetElementType()! : type;
}
