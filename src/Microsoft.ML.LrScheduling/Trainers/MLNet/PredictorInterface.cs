using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// The interface by which ML.NET finds the predictor in a chain, for the importance of features by their names: an internal one beside the
/// public <see cref="ISingleFeaturePredictionTransformer{TModel}"/>. Transformers have it by a cast that the runtime asks them about.
/// What they answer with is an interface that implements it, which is made once, when ML.NET first asks.
/// </summary>
internal static class PredictorInterface
{
    private const string Property = nameof(IFeatureColumn.FeatureColumnName);

    private static readonly Type? Type =
        typeof(ISingleFeaturePredictionTransformer<>).Assembly.GetType("Microsoft.ML.ISingleFeaturePredictionTransformer");

    private static readonly Lazy<RuntimeTypeHandle> Made = new(() => Make(Type!).TypeHandle);

    /// <summary>What implements the interface for a transformer that is an <see cref="IFeatureColumn"/>.</summary>
    public static RuntimeTypeHandle Implementation => Made.Value;

    /// <summary>Whether an interface is that one, and can be implemented here.</summary>
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
