using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>
/// Every member that ML.NET keeps internal and this library reaches is there, with the parameters and the result that the accessor says:
/// what the first trainer of a process tests by use is looked up here one by one.
/// </summary>
[TestClass]
public sealed class InternalMembersTests
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    public static IEnumerable<object[]> Accessors { get; } =
    [
        .. typeof(MLNetInternals).Assembly.GetTypes().SelectMany(type => type.GetMethods(Any | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttribute<UnsafeAccessorAttribute>() is not null)
            .Select(method => new object[] { method.Name, method }),
    ];

    [TestMethod]
    [DynamicData(nameof(Accessors))]
    public void The_member_of_an_accessor_is_there_and_is_internal(string name, MethodInfo accessor)
    {
        var kind = accessor.GetCustomAttribute<UnsafeAccessorAttribute>()!;
        var parameters = accessor.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
        if (kind.Kind == UnsafeAccessorKind.Field)
        {
            var field = parameters[0].GetField(kind.Name!, Any);
            Assert.AreEqual(accessor.ReturnType.GetElementType(), field?.FieldType, name);
            Assert.IsFalse(field!.IsPublic, name);
            return;
        }

        MethodBase? member = kind.Kind switch
        {
            UnsafeAccessorKind.Constructor => accessor.ReturnType.GetConstructors(Any).SingleOrDefault(HasParameters(parameters)),
            UnsafeAccessorKind.Method => Method(BindingFlags.Instance),
            UnsafeAccessorKind.StaticMethod => Method(BindingFlags.Static),
            _ => throw new NotSupportedException($"{kind.Kind}"),
        };
        Assert.IsNotNull(member, $"{name}: no {kind.Kind} {kind.Name}({string.Join<Type>(", ", parameters)})");
        // What ML.NET opens needs no accessor.
        Assert.IsFalse(member.IsPublic && member.DeclaringType!.IsVisible, $"{name}: {member} is public");

        MethodBase? Method(BindingFlags flags) => parameters[0]
            .GetMethods(flags | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(method => method.Name == (kind.Name ?? accessor.Name) && Same(method.ReturnType, accessor.ReturnType))
            .SingleOrDefault(HasParameters(parameters[1..]));
    }

    [TestMethod]
    public void Accessors_are_in_one_place()
    {
        foreach (var accessor in Accessors)
        {
            var holder = ((MethodInfo)accessor[1]).DeclaringType!;
            Assert.AreEqual(typeof(MLNetInternals), holder.DeclaringType ?? holder, $"{accessor[0]}");
        }

        // As many as a reader of MLNetInternals counts.
        Assert.HasCount(14, Accessors);
    }

    private static Func<MethodBase, bool> HasParameters(Type[] types) => method =>
    {
        var parameters = method.GetParameters();
        return parameters.Length == types.Length && parameters.Zip(types).All(pair => Same(pair.First.ParameterType, pair.Second));
    };

    // The type parameter of a holder stands for that of the type that it opens.
    private static bool Same(Type actual, Type named) => actual == named || (actual.IsGenericParameter && named.IsGenericParameter);
}
