using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>The members that ML.NET keeps internal and extensions of it reach; true of the packages and of the subset alike.</summary>
[TestClass]
public sealed class InternalMembersTests
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly;

    private static readonly Type _weights = typeof(VBuffer<float>).MakeByRefType();

    private static Type Calibrated => typeof(CalibratedModelParametersBase<,>).Assembly
        .GetType("Microsoft.ML.Calibrators.ParameterMixingCalibratedModelParameters`2", throwOnError: true)!;

    private static IEnumerable<(Type Declaring, Type[] Parameters)> Constructors { get; } =
    [
        (typeof(LinearRegressionModelParameters), [typeof(IHostEnvironment), _weights, typeof(float)]),
        (typeof(LinearBinaryModelParameters), [typeof(IHostEnvironment), _weights, typeof(float), typeof(ModelStatisticsBase)]),
        (typeof(MaximumEntropyModelParameters),
            [
                typeof(IHostEnvironment), typeof(VBuffer<float>[]), typeof(float[]), typeof(int), typeof(int), typeof(string[]),
                typeof(ModelStatisticsBase),
            ]),
        (typeof(PlattCalibrator), [typeof(IHostEnvironment), typeof(double), typeof(double)]),
        (Calibrated.MakeGenericType(typeof(LinearBinaryModelParameters), typeof(PlattCalibrator)),
            [typeof(IHostEnvironment), typeof(LinearBinaryModelParameters), typeof(PlattCalibrator)]),
        (typeof(RegressionPredictionTransformer<object>), [typeof(IHostEnvironment), typeof(object), typeof(DataViewSchema), typeof(string)]),
        (typeof(BinaryPredictionTransformer<object>),
            [typeof(IHostEnvironment), typeof(object), typeof(DataViewSchema), typeof(string), typeof(float), typeof(string)]),
        (typeof(MulticlassPredictionTransformer<object>),
            [
                typeof(IHostEnvironment), typeof(object), typeof(DataViewSchema), typeof(string), typeof(string), typeof(string),
                typeof(string),
            ]),
        (typeof(SchemaShape.Column),
            [typeof(string), typeof(SchemaShape.Column.VectorKind), typeof(DataViewType), typeof(bool), typeof(SchemaShape)]),
        (typeof(TrainerInfo), [typeof(bool), typeof(bool), typeof(bool), typeof(bool), typeof(bool), typeof(bool)]),
    ];

    [TestMethod]
    public void Every_constructor_that_an_extension_needs_is_there_and_internal()
    {
        foreach (var (declaring, parameters) in Constructors)
        {
            var constructor = declaring.GetConstructor(Declared, parameters);

            Assert.IsNotNull(constructor, $"{declaring}({string.Join(", ", parameters.Select(parameter => parameter.Name))})");
            Assert.IsTrue(constructor.IsAssembly, $"{declaring} has a constructor that is not internal");
        }
    }

    [TestMethod]
    public void A_text_stream_is_saved_by_an_internal_method()
    {
        var method = typeof(ModelSaveContext).GetMethod("SaveTextStream", Declared, [typeof(string), typeof(Action<TextWriter>)]);

        Assert.IsNotNull(method);
        Assert.IsTrue(method.IsAssembly);
    }

    [TestMethod]
    public void Cancelling_a_context_cancels_the_hosts_that_it_had_and_those_that_it_gets()
    {
        var ml = new MLContext(seed: 1);
        var before = ((IHostEnvironment)ml).Register("before").Register("child");
        Assert.IsFalse(IsCanceled(before));

        CancelExecution(ml);

        Assert.IsTrue(IsCanceled(before));
        Assert.IsTrue(IsCanceled(((IHostEnvironment)ml).Register("after")));
        var thrown = Assert.ThrowsExactly<TargetInvocationException>(() => CheckAlive(before));
        Assert.IsInstanceOfType<OperationCanceledException>(thrown.InnerException);
        Assert.IsFalse(IsCanceled(((IHostEnvironment)new MLContext()).Register("other")));
    }

    [TestMethod]
    public void The_environment_of_a_catalog_is_cancelled_with_its_context()
    {
        var ml = new MLContext(seed: 1);
        IHostEnvironment[] environments =
        [
            EnvironmentOf(ml.Regression.Trainers), EnvironmentOf(ml.BinaryClassification.Trainers),
            EnvironmentOf(ml.MulticlassClassification.Trainers),
        ];

        CancelExecution(ml);

        foreach (var environment in environments) Assert.IsTrue(IsCanceled(environment.Register("trainer")));
    }

    private static IHostEnvironment EnvironmentOf(TrainCatalogBase.CatalogInstantiatorBase trainers) => GetEnvironment(GetOwner(trainers));

    private static bool IsCanceled(IHostEnvironment environment)
    {
        var cancelable = typeof(IHostEnvironment).Assembly.GetType("Microsoft.ML.Runtime.ICancelable", throwOnError: true)!;
        return (bool)cancelable.GetProperty("IsCanceled")!.GetValue(environment)!;
    }

    private static void CheckAlive(IHostEnvironment environment)
    {
        var contracts = typeof(IHostEnvironment).Assembly.GetType("Microsoft.ML.Runtime.Contracts", throwOnError: true)!;
        contracts.GetMethod("CheckAlive", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!.Invoke(null, [environment]);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern void CancelExecution(MLContext context);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Owner")]
    private static extern TrainCatalogBase GetOwner(TrainCatalogBase.CatalogInstantiatorBase trainers);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Environment")]
    private static extern IHostEnvironment GetEnvironment(TrainCatalogBase catalog);
}
