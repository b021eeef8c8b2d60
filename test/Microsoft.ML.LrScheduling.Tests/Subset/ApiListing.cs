using System.Globalization;
using System.Reflection;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>
/// The public and protected declarations of an assembly, a line each: <c>Namespace.Type</c> with <c>: kind</c>, <c>: base …</c>
/// or <c>: implements …</c>, or with <c>.member</c> and its signature. Names of parameters and their defaults count, because callers use them.
/// </summary>
internal static class ApiListing
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    internal static SortedSet<string> Of(Assembly assembly) =>
        new(assembly.GetExportedTypes().SelectMany(type => Describe(type).Select(line => Name(type) + line)), StringComparer.Ordinal);

    private static IEnumerable<string> Describe(Type type) =>
        type.IsEnum ? Values(type).Prepend(" : enum")
        : type.IsSubclassOf(typeof(Delegate)) ? [" : delegate", Signature(type.GetMethod("Invoke")!)]
        :
        [
            $" : {Kind(type)}", .. Parents(type), .. Constructors(type), .. Methods(type), .. Properties(type),
            .. Fields(type), .. Events(type),
        ];

    private static string Kind(Type type) => type switch
    {
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static IEnumerable<string> Values(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => $".{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}");

    private static IEnumerable<string> Parents(Type type)
    {
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            yield return $" : base {Name(parent)}";
        foreach (var implemented in type.GetInterfaces().Where(candidate => candidate.IsVisible))
            yield return $" : implements {Name(implemented)}";
    }

    private static IEnumerable<string> Constructors(Type type) =>
        type.GetConstructors(Declared).Where(constructor => !constructor.IsStatic && IsSeen(constructor))
            .Select(constructor => $".new({Parameters(constructor)})");

    private static IEnumerable<string> Methods(Type type) =>
        type.GetMethods(Declared).Where(IsSeen)
            .Where(method => !method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
            .Select(method => $".{Static(method)}{method.Name}{TypeParameters(method)}{Signature(method)}");

    private static IEnumerable<string> Properties(Type type)
    {
        foreach (var property in type.GetProperties(Declared))
        {
            var get = property.GetMethod is { } getter && IsSeen(getter) ? "get;" : "";
            var set = property.SetMethod is { } setter && IsSeen(setter) ? "set;" : "";
            if (get + set == "") continue;
            var index = string.Join(", ", property.GetIndexParameters().Select(item => $"{Name(item.ParameterType)} {item.Name}"));
            var name = index == "" ? property.Name : $"{property.Name}[{index}]";
            yield return $".{Static((property.GetMethod ?? property.SetMethod)!)}{name} -> {Name(property.PropertyType)} {{{get}{set}}}";
        }
    }

    private static IEnumerable<string> Fields(Type type) =>
        type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly).Select(field =>
        {
            var kind = field.IsLiteral ? "const " : field.IsStatic ? "static " : "";
            return $".{kind}{field.Name} -> {Name(field.FieldType)}{(field.IsInitOnly ? " readonly" : "")}";
        });

    private static IEnumerable<string> Events(Type type) =>
        type.GetEvents(Declared).Where(declared => declared.AddMethod is { } add && IsSeen(add))
            .Select(declared => $".event {declared.Name} -> {Name(declared.EventHandlerType!)}");

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Static(MethodBase method) => method.IsStatic ? "static " : "";

    private static string TypeParameters(MethodInfo method) =>
        method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private static string Signature(MethodInfo method)
    {
        var type = method.ReturnType;
        return $"({Parameters(method)}) -> {(type.IsByRef ? "ref " + Name(type.GetElementType()!) : Name(type))}";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Describe));

    private static string Describe(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        var passing = parameter switch
        {
            { ParameterType.IsByRef: true, IsOut: true } => "out ",
            { ParameterType.IsByRef: true, IsIn: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ => parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "",
        };
        var given = parameter.HasDefaultValue ? $" = {Default(parameter)}" : "";
        return $"{passing}{Name(type.IsByRef ? type.GetElementType()! : type)} {parameter.Name}{given}";
    }

    private static string Default(ParameterInfo parameter) => parameter.RawDefaultValue switch
    {
        null => "default",
        string text => $"\"{text.ReplaceLineEndings("\\n")}\"",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        var other => other.ToString()!,
    };

    private static string Name(Type type)
    {
        if (type.IsGenericParameter) return type.Name;
        if (type.IsArray) return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        if (type.IsByRef) return Name(type.GetElementType()!) + "&";
        var outer = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var arguments = type.GetGenericArguments().Skip(outer).Select(Name).ToArray();
        var simple = type.Name.Split('`')[0] + (arguments.Length > 0 ? $"<{string.Join(", ", arguments)}>" : "");
        return type.DeclaringType is { } declaring ? $"{Name(declaring)}.{simple}"
            : type.Namespace is { } space ? $"{space}.{simple}"
            : simple;
    }
}
