using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Trainers;
using Mono.Cecil;
using Mono.Cecil.Rocks;

namespace Microsoft.ML.LrScheduling.Tests.Architecture;

/// <summary>Holds the arrows of docs/architecture.md: what each room may use of the others, of ML.NET and of TorchSharp.</summary>
[TestClass]
public sealed partial class RoomTests
{
    private const string Root = "Microsoft.ML.LrScheduling.";
    private const string MLNet = "ML.NET";
    private const string TorchSharp = "TorchSharp";
    // The package of clusters: a folder beside the library, whose floors have one namespace.
    private const string Cluster = "Orleans";

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Arguments"] = [],
        ["Schedules"] = ["Arguments"],
        ["Optimizers"] = ["Arguments"],
        ["Losses"] = ["Arguments"],
        ["Data"] = ["Arguments", MLNet],
        ["Engines"] = ["Arguments", "Data", "Losses", "Optimizers"],
        ["Engines.Sparse"] = ["Data", "Engines", "Losses", "Optimizers"],
        ["Engines.Torch"] = ["Arguments", "Data", "Engines", "Engines.Sparse", "Losses", "Optimizers", TorchSharp],
        ["Engines.Fused"] = ["Data", "Engines", "Engines.Sparse", "Losses", "Optimizers"],
        ["Loops"] = ["Arguments", "Engines.Torch", "Optimizers", "Schedules", TorchSharp],
        ["Training"] = ["Arguments", "Data", "Engines", "Losses", "Optimizers", "Schedules"],
        ["Sweeps"] = ["Arguments", "Data", "Engines", "Losses", "Optimizers", "Schedules", "Trainers", "Training", MLNet],
        ["Monitoring"] = ["Engines.Torch", "Schedules", "Sweeps", "Training", TorchSharp],
        ["Reports"] = ["Arguments", "Schedules", "Sweeps", "Trainers", "Training"],
        ["Trainers"] =
            ["Arguments", "Data", "Engines", "Engines.Fused", "Engines.Torch", "Losses", "Optimizers", "Schedules", "Training", MLNet],
    };

    [TestMethod]
    public void Arrows_between_rooms_go_one_way()
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(LinearTrainerOptions).Assembly.Location);
        var found = (
            from type in assembly.MainModule.GetAllTypes()
            let room = RoomOf(type)
            where room is not null
            from used in References(type).Select(RoomOf).Where(used => used is not null && used != room).Distinct()
            select (Room: room, Used: used, Type: type.FullName)).ToArray();

        var wrong = found.Where(arrow => !MayUse[arrow.Room!].Contains(arrow.Used))
            .Select(arrow => $"{arrow.Type}: {arrow.Room} → {arrow.Used}").Distinct();
        Assert.AreEqual("", string.Join("\n", wrong));
        // The reading finds arrows at all: these are in the picture.
        CollectionAssert.IsSubsetOf(
            new[] { ("Trainers", "Training"), ("Training", "Engines"), ("Engines.Torch", TorchSharp), ("Data", MLNet) },
            found.Select(arrow => (arrow.Room!, arrow.Used!)).Distinct().ToArray());
    }

    [TestMethod]
    public void Arrows_between_the_floors_of_a_cluster_go_one_way()
    {
        var floors = Sources().Where(source => source.Folder.StartsWith(Cluster, StringComparison.Ordinal))
            .ToDictionary(source => Path.GetFileNameWithoutExtension(source.File), source => source.Folder);
        var mayUse = Rows().Where(row => row.Groups["folder"].Value.StartsWith($"{Cluster}/", StringComparison.Ordinal)).ToDictionary(
            row => row.Groups["folder"].Value,
            row => row.Groups["uses"].Value is "none" ? [] : row.Groups["uses"].Value.Split(", "));
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(OrleansWorkers).Assembly.Location);
        var found = (
            from type in assembly.MainModule.GetAllTypes()
            let floor = FloorOf(type)
            where floor is not null and not Cluster
            from used in References(type).Select(FloorOf).Where(used => used is not null && used != floor).Distinct()
            select (Floor: floor, Used: used, Type: type.FullName)).ToArray();

        var wrong = found.Where(arrow => !mayUse[arrow.Floor].Contains(arrow.Used))
            .Select(arrow => $"{arrow.Type}: {arrow.Floor} → {arrow.Used}").Distinct();
        Assert.AreEqual("", string.Join("\n", wrong));
        // Every arrow of the table is found, and none of them leads back.
        CollectionAssert.AreEquivalent(
            mayUse.SelectMany(floor => floor.Value.Select(used => (floor.Key, used))).ToArray(),
            found.Select(arrow => (arrow.Floor, arrow.Used!)).Distinct().ToArray());
        var left = mayUse.ToDictionary();
        while (left.Keys.FirstOrDefault(floor => !left[floor].Any(left.ContainsKey)) is { } lowest) left.Remove(lowest);
        Assert.IsEmpty(left, "floors that use one another in a circle");

        // Types of the assembly by the name of their file, with those inside them.
        string? FloorOf(TypeReference type)
        {
            while (type.DeclaringType is { } outer) type = outer;
            return type.Scope is AssemblyNameReference ? null : floors.GetValueOrDefault(type.Name.Split('`')[0]);
        }
    }

    [TestMethod]
    public void Every_room_is_in_the_picture()
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(LinearTrainerOptions).Assembly.Location);
        foreach (var type in assembly.MainModule.GetAllTypes().Where(type => type.Namespace.StartsWith(Root, StringComparison.Ordinal)))
            Assert.IsTrue(MayUse.ContainsKey(RoomOf(type)!), $"{type.FullName} lives in no known room.");
    }

    [TestMethod]
    public void Rooms_and_floors_of_the_picture_are_the_folders_of_the_source()
    {
        var told = Rows().Select(row => row.Groups["folder"].Value);
        Assert.AreEqual(
            string.Join("\n", Sources().Select(source => source.Folder).Where(folder => folder != Cluster).Distinct()
                .Order(StringComparer.Ordinal)),
            string.Join("\n", told.Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public void A_floor_stands_in_the_room_that_its_namespace_names()
    {
        var wrong =
            from source in Sources()
            let space = File.ReadLines(source.File).First(line => line.StartsWith("namespace ", StringComparison.Ordinal))[10..^1]
            where space.StartsWith(Root, StringComparison.Ordinal)
                && !$"{source.Folder}/".StartsWith($"{space[Root.Length..].Replace('.', '/')}/", StringComparison.Ordinal)
            select $"{source.File}: {space}";
        Assert.AreEqual("", string.Join("\n", wrong));
    }

    private static IEnumerable<(string File, string Folder)> Sources()
    {
        var library = Path.Combine(TestData.RepositoryRoot, "src", "Microsoft.ML.LrScheduling");
        return Under(library, "").Concat(Under($"{library}.{Cluster}", Cluster));

        static IEnumerable<(string, string)> Under(string root, string room) =>
            Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Select(file =>
                (file, Path.Combine(room, Path.GetRelativePath(root, Path.GetDirectoryName(file)!)).Replace('\\', '/').Replace("/.", "")));
    }

    private static IEnumerable<Match> Rows() => File.ReadLines(Path.Combine(TestData.RepositoryRoot, "docs", "architecture.md"))
        .Select(line => TableRow().Match(line)).Where(row => row.Success);

    [GeneratedRegex(@"^\| `(?<folder>[A-Z][\w/]*)` \|(.*\| (?<uses>[^|]*) \|)?")]
    private static partial Regex TableRow();

    /// <summary>The room of a type of ours, "ML.NET" or "TorchSharp" for theirs, null for any other.</summary>
    private static string? RoomOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        if (type.Namespace == Root + "Schedules.Expressions") return "Schedules";
        if (type.Namespace == Root + "Sweeps.Journals") return "Sweeps";
        if (type.Namespace.StartsWith(Root, StringComparison.Ordinal)) return type.Namespace[Root.Length..];
        if (type.Namespace == "Microsoft.ML" && type.Name == nameof(LrSchedulingCatalog)) return "Trainers";
        if (type.Namespace == "Microsoft.ML" && type.Name == nameof(SweepCatalog)) return "Sweeps";
        if (type.Namespace == "TorchSharp" || type.Namespace.StartsWith("TorchSharp.", StringComparison.Ordinal)) return TorchSharp;
        return type.Namespace == "Microsoft.ML" || type.Namespace.StartsWith("Microsoft.ML.", StringComparison.Ordinal) ? MLNet : null;
    }

    /// <summary>All types that a type names: in its declaration, its members, and the bodies of its methods.</summary>
    private static IEnumerable<TypeReference> References(TypeDefinition type)
    {
        IEnumerable<TypeReference?> named =
        [
            type.BaseType,
            .. type.Interfaces.Select(i => i.InterfaceType),
            .. type.GenericParameters.SelectMany(p => p.Constraints).Select(c => c.ConstraintType),
            .. type.Fields.Select(f => f.FieldType),
            .. type.Properties.Select(p => p.PropertyType),
            .. type.Methods.SelectMany(MethodReferences),
        ];
        return named.OfType<TypeReference>().SelectMany(Flatten);
    }

    private static IEnumerable<TypeReference> MethodReferences(MethodDefinition method)
    {
        yield return method.ReturnType;
        foreach (var parameter in method.Parameters) yield return parameter.ParameterType;
        if (!method.HasBody) yield break;
        foreach (var variable in method.Body.Variables) yield return variable.VariableType;
        foreach (var handler in method.Body.ExceptionHandlers)
            if (handler.CatchType is { } caught) yield return caught;
        foreach (var operand in method.Body.Instructions.Select(instruction => instruction.Operand))
            switch (operand)
            {
                case TypeReference named:
                    yield return named;
                    break;
                case GenericInstanceMethod generic:
                    yield return generic.DeclaringType;
                    foreach (var argument in generic.GenericArguments) yield return argument;
                    break;
                case MemberReference { DeclaringType: { } declaring }:
                    yield return declaring;
                    break;
            }
    }

    private static IEnumerable<TypeReference> Flatten(TypeReference type) => type switch
    {
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Flatten).Append(generic.ElementType),
        TypeSpecification wrapped => Flatten(wrapped.ElementType),
        _ => [type],
    };
}
