using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Accesses the internal members of ML.NET that trainers need. No other code accesses them. They are the same from ML.NET 3.0 to 6.0. If a
/// version lacks one, the first trainer that is created throws an exception that names it. (<see cref="PredictorInterface"/> is for an
/// interface that trainers do not strictly need.)
/// </summary>
internal static class MLNetInternals
{
    private static readonly Lazy<NotSupportedException?> Lacking = new(SelfTest);

    // The interface is internal as a whole, so no accessor can name it.
    private static readonly MethodInfo? IsCanceledGetter =
        typeof(IHostEnvironment).Assembly.GetType("Microsoft.ML.Runtime.ICancelable")?.GetProperty("IsCanceled")?.GetMethod;

    /// <summary>
    /// Returns the environment of <c>mlContext.Regression.Trainers</c> and similar catalogs. Every trainer calls it first. The first call
    /// in a process tests all members.
    /// </summary>
    /// <exception cref="NotSupportedException">
    /// This version of ML.NET lacks a member, which the message names; or the application is trimmed or compiled with Native AOT.
    /// </exception>
    public static IHostEnvironment EnvironmentOf(TrainCatalogBase.CatalogInstantiatorBase trainers) =>
        Lacking.Value is { } lacking ? throw lacking : GetEnvironment(GetOwner(trainers));

    /// <summary>Returns the shape of a schema, which <c>GetOutputSchema</c> of an estimator needs.</summary>
    public static SchemaShape ShapeOf(DataViewSchema schema) => CreateShape(null, schema);

    /// <summary>Creates the properties of a trainer for ML.NET: it does not need a cache of the data.</summary>
    /// <param name="needsNormalization">Whether the features must have a common scale.</param>
    public static TrainerInfo TrainerInfo(bool needsNormalization) =>
        CreateTrainerInfo(normalization: needsNormalization, calibration: false, caching: false, supportValid: true,
            supportIncrementalTrain: true, supportTest: false);

    /// <summary>
    /// Creates ML.NET's transformer of a linear regression. For a Poisson regression it predicts <c>exp(weights · features + bias)</c>.
    /// </summary>
    public static RegressionPredictionTransformer<RegressionModelParameters> RegressionTransformer(
        IHostEnvironment env, float[] weights, float bias, bool isPoisson, DataViewSchema schema, string featureColumn)
    {
        var buffer = new VBuffer<float>(weights.Length, weights);
        RegressionModelParameters model =
            isPoisson ? CreatePoissonRegression(env, buffer, bias) : CreateLinearRegression(env, buffer, bias);
        return Transformers<RegressionModelParameters>.CreateRegression(env, model, schema, featureColumn);
    }

    /// <summary>
    /// Creates ML.NET's transformer of a linear binary classification, with <c>probability = 1 / (1 + exp(slope · score + offset))</c>.
    /// </summary>
    public static BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>
        BinaryTransformer(
            IHostEnvironment env, float[] weights, float bias, double slope, double offset, DataViewSchema schema, string featureColumn,
            float threshold)
    {
        var linear = CreateLinearBinary(env, new VBuffer<float>(weights.Length, weights), bias, stats: null);
        var model = CreateCalibrated(env, linear, CreatePlattCalibrator(env, slope, offset));
        return Transformers<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>.CreateBinary(
            env, model, schema, featureColumn, threshold, DefaultColumns.Score);
    }

    /// <summary>Creates ML.NET's transformer of a linear multiclass classification.</summary>
    public static MulticlassPredictionTransformer<MaximumEntropyModelParameters> MulticlassTransformer(
        IHostEnvironment env, LinearWeights weights, DataViewSchema schema, string featureColumn, string labelColumn)
    {
        var (classes, features) = (weights.OutputCount, weights.FeatureCount);
        var rows = Enumerable.Range(0, classes)
            .Select(output => new VBuffer<float>(features, weights.WeightsOf(output).ToArray())).ToArray();
        // ML.NET saves the names with the model, but its file format does not allow empty names.
        var names = KeyNames.Of(schema.GetColumnOrNull(labelColumn))?.Names.ToArray();
        if (names?.Length != classes || names.Contains("")) names = null;
        var model = CreateMaximumEntropy(env, rows, weights.Biases, classes, features, names, stats: null);
        return Transformers<MaximumEntropyModelParameters>.CreateMulticlass(
            env, model, schema, featureColumn, labelColumn, DefaultColumns.Score, DefaultColumns.PredictedLabel);
    }

    /// <summary>Returns the names of a model's classes; null if it has none.</summary>
    public static string[]? ClassNamesOf(LinearMulticlassModelParametersBase model) => LabelNamesOf(model);

    /// <summary>Returns a function that says whether <c>MLContext.CancelExecution</c>, which is not public, has been called.</summary>
    public static Func<bool> CancellationOf(IHost host) => IsCanceledGetter is { } getter && getter.DeclaringType!.IsInstanceOfType(host)
        ? getter.CreateDelegate<Func<bool>>(host)
        : static () => false;

    /// <summary>Writes a text entry to a model that is being saved.</summary>
    public static void SaveText(ModelSaveContext context, string name, Action<TextWriter> write) => SaveTextStream(context, name, write);

    private static NotSupportedException? SelfTest()
    {
        // PublishTrimmed and PublishAot turn it off. Without it, a trained model cannot store its history.
        if (!JsonSerializer.IsReflectionEnabledByDefault)
            return new NotSupportedException(
                "LrScheduling needs reflection at run time, and so does ML.NET; this application has turned it off. Set PublishAot and "
                + "PublishTrimmed to false in the project; in a program of one file, add the line \"#:property PublishAot=false\". "
                + "Received: JsonSerializer.IsReflectionEnabledByDefault = false.");

        var mlContext = new MLContext(seed: 0);
        IHostEnvironment env = mlContext;
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, 1));
        builder.AddColumn("Label", new KeyDataViewType(typeof(uint), 2));
        var schema = builder.ToSchema();
        return FirstLacking(
        [
            ("TrainCatalogBase.Environment", () => GetEnvironment(GetOwner(mlContext.Regression.Trainers))),
            ("SchemaShape.Create(DataViewSchema)", () => ShapeOf(schema)),
            ("TrainerInfo(bool, bool, bool, bool, bool, bool)", () => TrainerInfo(needsNormalization: false)),
            ("the constructors of LinearRegressionModelParameters and RegressionPredictionTransformer<T>",
                () => RegressionTransformer(env, [1f], 0f, isPoisson: false, schema, "Features")),
            ("the constructor of PoissonRegressionModelParameters", () => RegressionTransformer(
                env, [1f], 0f, isPoisson: true, schema, "Features")),
            ("the constructors of LinearBinaryModelParameters, PlattCalibrator, ParameterMixingCalibratedModelParameters and "
                + "BinaryPredictionTransformer<T>",
                () => BinaryTransformer(env, [1f], 0f, -1, 0, schema, "Features", 0)),
            ("the constructors of MaximumEntropyModelParameters and MulticlassPredictionTransformer<T>",
                () => MulticlassTransformer(env, new LinearWeights([1f, 2f], [0f, 0f]), schema, "Features", "Label")),
            ("LinearMulticlassModelParametersBase._labelNames", () => ClassNamesOf(
                MulticlassTransformer(env, new LinearWeights([1f, 2f], [0f, 0f]), schema, "Features", "Label").Model)),
            ("ICancelable.IsCanceled", () => _ = IsCanceledGetter ?? throw new MissingMemberException("ICancelable", "IsCanceled")),
            ("ModelSaveContext.SaveTextStream", () => _ = typeof(ModelSaveContext).GetMethod(
                "SaveTextStream", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public,
                [typeof(string), typeof(Action<TextWriter>)])
                ?? throw new MissingMethodException(nameof(ModelSaveContext), "SaveTextStream")),
        ]);
    }

    /// <summary>Tries each member. Returns an exception for the first one that is missing; null if none is missing.</summary>
    internal static NotSupportedException? FirstLacking(IEnumerable<(string Member, Action Reach)> members)
    {
        foreach (var (member, reach) in members)
            try
            {
                reach();
            }
            catch (Exception e) when (e is MissingMemberException or TypeLoadException)
            {
                // The version of the assembly is 1.0.0.0 in all packages.
                var version = typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                    ?.InformationalVersion.Split('+')[0];
                return new NotSupportedException(
                    $"LrScheduling needs {member} of Microsoft.ML, which this application lacks. Use Microsoft.ML 5.0, and publish the "
                    + "application without trimming (PublishTrimmed, PublishAot), which ML.NET does not support. Received: Microsoft.ML "
                    + (version ?? "of an unknown version"), e);
            }

        return null;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Owner")]
    private static extern TrainCatalogBase GetOwner(TrainCatalogBase.CatalogInstantiatorBase trainers);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Environment")]
    private static extern IHostEnvironment GetEnvironment(TrainCatalogBase catalog);

    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Create")]
    private static extern SchemaShape CreateShape(SchemaShape? type, DataViewSchema schema);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern TrainerInfo CreateTrainerInfo(
        bool normalization, bool calibration, bool caching, bool supportValid, bool supportIncrementalTrain, bool supportTest);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern LinearRegressionModelParameters CreateLinearRegression(
        IHostEnvironment env, in VBuffer<float> weights, float bias);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern PoissonRegressionModelParameters CreatePoissonRegression(
        IHostEnvironment env, in VBuffer<float> weights, float bias);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern LinearBinaryModelParameters CreateLinearBinary(
        IHostEnvironment env, in VBuffer<float> weights, float bias, ModelStatisticsBase? stats);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern PlattCalibrator CreatePlattCalibrator(IHostEnvironment env, double slope, double offset);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern MaximumEntropyModelParameters CreateMaximumEntropy(
        IHostEnvironment env, VBuffer<float>[] weights, float[] bias, int numClasses, int numFeatures, string[]? labelNames,
        ModelStatisticsBase? stats);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_labelNames")]
    private static extern ref string[]? LabelNamesOf(LinearMulticlassModelParametersBase model);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SaveTextStream")]
    private static extern void SaveTextStream(ModelSaveContext context, string name, Action<TextWriter> action);

    // The class is internal as a whole, so no accessor can name it.
    private static CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> CreateCalibrated(
        IHostEnvironment env, LinearBinaryModelParameters model, PlattCalibrator calibrator)
    {
        const string Name = "Microsoft.ML.Calibrators.ParameterMixingCalibratedModelParameters`2";
        var type = typeof(CalibratedModelParametersBase<,>).Assembly.GetType(Name)?.MakeGenericType(
            typeof(LinearBinaryModelParameters), typeof(PlattCalibrator))
            ?? throw new TypeLoadException(Name);
        var constructor = type.GetConstructor(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic,
            [typeof(IHostEnvironment), typeof(LinearBinaryModelParameters), typeof(PlattCalibrator)])
            ?? throw new MissingMethodException(Name, ".ctor");
        return (CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>)constructor.Invoke(
            BindingFlags.DoNotWrapExceptions, binder: null, [env, model, calibrator], culture: null);
    }

    private static class DefaultColumns
    {
        public const string Score = "Score";
        public const string PredictedLabel = "PredictedLabel";
    }

    // The accessor does not find a closed generic type. It does find one whose type argument comes from a generic class around it.
    private static class Transformers<TModel> where TModel : class
    {
        [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
        public static extern RegressionPredictionTransformer<TModel> CreateRegression(
            IHostEnvironment env, TModel model, DataViewSchema inputSchema, string featureColumn);

        [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
        public static extern BinaryPredictionTransformer<TModel> CreateBinary(
            IHostEnvironment env, TModel model, DataViewSchema inputSchema, string featureColumn, float threshold, string thresholdColumn);

        [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
        public static extern MulticlassPredictionTransformer<TModel> CreateMulticlass(
            IHostEnvironment env, TModel model, DataViewSchema inputSchema, string featureColumn, string labelColumn, string scoreColumn,
            string predictedLabelColumn);
    }
}
