using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// Implements an internal interface of ML.NET at run time. ML.NET uses this interface, a non-generic version of
/// <see cref="ISingleFeaturePredictionTransformer{TModel}"/>, to find the predictor in a chain, for example to name the features in a
/// permutation feature importance. When ML.NET casts a transformer to the interface, the runtime asks the transformer
/// (<see cref="System.Runtime.InteropServices.IDynamicInterfaceCastable"/>), which returns an implementation that is generated once.
/// </summary>
internal static class PredictorInterface
{
    private const string Property = nameof(IFeatureColumn.FeatureColumnName);

    private static readonly Type? Type =
        typeof(ISingleFeaturePredictionTransformer<>).Assembly.GetType("Microsoft.ML.ISingleFeaturePredictionTransformer");

    private static readonly Lazy<RuntimeTypeHandle> Made = new(() => Make(Type!).TypeHandle);

    /// <summary>The type that implements the interface for a transformer that is an <see cref="IFeatureColumn"/>.</summary>
    public static RuntimeTypeHandle Implementation => Made.Value;

    /// <summary>Whether a type is this interface, and it can be implemented at run time.</summary>
    public static bool Is(RuntimeTypeHandle type) =>
        RuntimeFeature.IsDynamicCodeSupported && Type is not null && type.Equals(Type.TypeHandle);

    private static Type Make(Type type)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(
            new AssemblyName($"{typeof(PredictorInterface).Assembly.GetName().Name}.{nameof(PredictorInterface)}"),
            AssemblyBuilderAccess.Run);
        foreach (var opened in new[] { type.Assembly, typeof(IFeatureColumn).Assembly })
            assembly.SetCustomAttribute(new CustomAttributeBuilder(
                typeof(IgnoresAccessChecksToAttribute).GetConstructors().Single(), [opened.GetName().Name!]));
        var made = assembly.DefineDynamicModule(nameof(PredictorInterface))
            .DefineType(nameof(PredictorInterface), TypeAttributes.Interface | TypeAttributes.Abstract, parent: null, [type]);
        made.SetCustomAttribute(new CustomAttributeBuilder(
            typeof(DynamicInterfaceCastableImplementationAttribute).GetConstructor([])!, []));
        var method = made.DefineMethod(
            Property, MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig
                | MethodAttributes.NewSlot, typeof(string), []);
        var body = method.GetILGenerator();
        body.Emit(OpCodes.Ldarg_0);
        body.Emit(OpCodes.Castclass, typeof(IFeatureColumn));
        body.Emit(OpCodes.Callvirt, typeof(IFeatureColumn).GetProperty(Property)!.GetMethod!);
        body.Emit(OpCodes.Ret);
        made.DefineMethodOverride(method, type.GetProperty(Property)!.GetMethod!);
        return made.CreateType();
    }
}
