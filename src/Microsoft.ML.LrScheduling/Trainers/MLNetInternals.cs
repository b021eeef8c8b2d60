using System.Runtime.CompilerServices;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// The members that ML.NET keeps internal and a trainer cannot do without: all are reached here and nowhere else. They are the same from
/// ML.NET 3.0 to 6.0; should a version lack one, the first trainer that is made says which.
/// </summary>
internal static class MLNetInternals
{
    private static readonly Lazy<NotSupportedException?> Lacking = new(SelfTest);

    /// <summary>
    /// The environment behind <c>mlContext.Regression.Trainers</c> and its like. Every trainer begins here, and so does the test of all members,
    /// once in the life of a process.
    /// </summary>
    /// <exception cref="NotSupportedException">This version of ML.NET lacks a member; the message names it.</exception>
    public static IHostEnvironment EnvironmentOf(TrainCatalogBase.CatalogInstantiatorBase trainers) =>
        Lacking.Value is { } lacking ? throw lacking : GetEnvironment(GetOwner(trainers));

    /// <summary>The shape of a schema, as <c>GetOutputSchema</c> of an estimator takes it.</summary>
    public static SchemaShape ShapeOf(DataViewSchema schema) => CreateShape(null, schema);

    /// <summary>What ML.NET asks of a trainer: features of one scale; no second pass over the data.</summary>
    public static TrainerInfo TrainerInfo() =>
        CreateTrainerInfo(normalization: true, calibration: false, caching: false, supportValid: true, supportIncrementalTrain: false, supportTest: false);

    /// <summary>ML.NET's own transformer of a linear regression.</summary>
    public static RegressionPredictionTransformer<LinearRegressionModelParameters> RegressionTransformer(
        IHostEnvironment env, float[] weights, float bias, DataViewSchema schema, string featureColumn) =>
        Regression<LinearRegressionModelParameters>.Create(
            env, CreateLinearRegression(env, new VBuffer<float>(weights.Length, weights), bias), schema, featureColumn);

    private static NotSupportedException? SelfTest()
    {
        var mlContext = new MLContext(seed: 0);
        IHostEnvironment env = mlContext;
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, 1));
        var schema = builder.ToSchema();
        return FirstLacking(
        [
            ("TrainCatalogBase.Environment", () => GetEnvironment(GetOwner(mlContext.Regression.Trainers))),
            ("SchemaShape.Create(DataViewSchema)", () => ShapeOf(schema)),
            ("TrainerInfo(bool, bool, bool, bool, bool, bool)", () => TrainerInfo()),
            ("the constructors of LinearRegressionModelParameters and RegressionPredictionTransformer<T>",
                () => RegressionTransformer(env, [1f], 0f, schema, "Features")),
        ]);
    }

    /// <summary>Tries members one after another; returns what to say of the first that is not there, null if all are.</summary>
    internal static NotSupportedException? FirstLacking(IEnumerable<(string Member, Action Reach)> members)
    {
        foreach (var (member, reach) in members)
            try
            {
                reach();
            }
            catch (Exception e) when (e is MissingMemberException or TypeLoadException)
            {
                var version = typeof(MLContext).Assembly.GetName().Version;
                return new NotSupportedException($"LrScheduling needs {member} of Microsoft.ML, which this version ({version}) lacks. Use Microsoft.ML 5.0.", e);
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
    private static extern LinearRegressionModelParameters CreateLinearRegression(IHostEnvironment env, in VBuffer<float> weights, float bias);

    // A closed generic type is not found by its accessor; one whose argument comes from a generic holder is.
    private static class Regression<TModel> where TModel : class
    {
        [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
        public static extern RegressionPredictionTransformer<TModel> Create(
            IHostEnvironment env, TModel model, DataViewSchema inputSchema, string featureColumn);
    }
}
