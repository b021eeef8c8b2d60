using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Tests.Clusters;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Tests.Packages;

/// <summary>
/// The packages of build/pack.cs, as somebody meets them who has nothing else: new programs take them from a folder, and run the code of
/// README.md, of the tutorial and of the packages' own readmes.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed class PackageTests
{
    private const string Core = "LrScheduling.ML";
    private const string Terminal = "LrScheduling.ML.Terminal";
    private const string Cluster = "LrScheduling.ML.Orleans";

    private static readonly string Root = TestData.RepositoryRoot;

    // A version of its own a run: one that a cache knows would be taken from there.
    private static readonly string Version = $"0.1.0-test.{DateTime.UtcNow.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}";

    private static readonly string[] ReadmeCode = CodeOf(Path.Combine(Root, "README.md"));
    private static readonly string[] CoreCode = CodeOf(Path.Combine(Root, "src/Microsoft.ML.LrScheduling/PACKAGE.md"));

    private static string _folder = "";

    [ClassInitialize]
    public static void PackAndBuild(TestContext _)
    {
        _folder = Directory.CreateTempSubdirectory("lrscheduling-packages-").FullName;
        // A Release build of the solution has made what is to pack; a Debug one has not.
        string[] built = new DirectoryInfo(AppContext.BaseDirectory).Name == "release" ? ["--no-build"] : [];
        string[] options = [.. built, $"-p:MinVerVersionOverride={Version}"];
        Dotnet.Run(Root, [], ["run", "build/pack.cs", "--", Path.Combine(_folder, "feed"), .. options]);

        File.WriteAllText(Path.Combine(_folder, "nuget.config"),
            """<configuration><packageSources><add key="folder" value="feed" /></packageSources></configuration>""");
        // What the folder of packages has already is linked to, not copied: libtorch has 1.1 GB.
        File.WriteAllText(Path.Combine(_folder, "Directory.Build.props"),
            """
            <Project>
              <PropertyGroup>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """);
        Write("alone", Quick(), (Core, Version));
        Write("torch", Quick(), (Core, Version), ("TorchSharp-cpu", TestData.PackageVersionOf(typeof(torch))));
        Write("beside", Beside(), (Terminal, Version), (Cluster, Version));
        // The page is pasted as it stands: its first block is a file, then come those of the program, and the last one has its own project.
        var tutorial = CodeOf(Path.Combine(Root, "docs/from-pytorch.md"));
        Write("tutorial", string.Concat(tutorial[1..^1]), (Core, Version));
        File.WriteAllText(Path.Combine(_folder, "tutorial", "Tumour.cs"), tutorial[0]);
        Write("served", tutorial[^1], "Microsoft.NET.Sdk.Web", "net10.0", ("Microsoft.ML", TestData.PackageVersionOf(typeof(MLContext))));
        File.WriteAllText(Path.Combine(_folder, "all.slnx"),
            """
            <Solution>
              <Project Path="alone/alone.csproj" /><Project Path="torch/torch.csproj" /><Project Path="beside/beside.csproj" />
              <Project Path="tutorial/tutorial.csproj" /><Project Path="served/served.csproj" />
            </Solution>
            """);
        Dotnet.Run(_folder, Packages(), "build", "all.slnx", "-v", "quiet", "-tl:off", "--nologo");
    }

    [ClassCleanup]
    public static void Delete() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void The_code_of_the_README_runs_with_nothing_but_the_package_and_the_other_engine_says_what_to_add()
    {
        var printed = Run("alone");
        PrintsWhatTheReadmeSays(printed);
        StringAssert.StartsWith(printed[21], "The Torch engine cannot be used. ");
        StringAssert.StartsWith(printed[22], "Add the package TorchSharp-cpu ");
        StringAssert.StartsWith(printed[23], "TensorBoardLog cannot be used. ");
        StringAssert.StartsWith(printed[24], "Add the package TorchSharp-cpu ");
        Assert.IsFalse(Directory.Exists(Path.Combine(_folder, "alone", "runs")));
    }

    [TestMethod]
    public void The_code_of_the_README_runs_on_both_engines_where_TorchSharp_is_added()
    {
        var printed = Run("torch");
        PrintsWhatTheReadmeSays(printed);
        // Both engines do the same, but for the last bits.
        Assert.AreEqual(printed[20], string.Join('\n', printed[21..]));
    }

    [TestMethod]
    public void A_program_of_one_file_runs_with_the_two_lines_of_the_README()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "one")).FullName;
        File.WriteAllText(Path.Combine(folder, "app.cs"), TwoLines + TwentyLines);
        // The SDK builds it in the user's folder of data.
        (string, string)[] variables = [.. Packages(), ("TMPDIR", folder), ("XDG_DATA_HOME", folder)];
        PrintsWhatTheReadmeSays(Dotnet.Run(folder, variables, "run", "app.cs").TrimEnd('\n').Split('\n'));
    }

    [TestMethod]
    public void The_code_of_the_other_readmes_runs_with_their_packages()
    {
        var printed = Run("beside");
        StringAssert.StartsWith(printed[0], "epoch 1/20: rate ");
        StringAssert.Contains(string.Join('\n', printed), "\nepoch 20/20: rate ");
        StringAssert.StartsWith(printed[^1], "8 trials, the best 0.");
    }

    [TestMethod]
    public void The_code_of_the_tutorial_runs_when_it_is_pasted_block_by_block()
    {
        var printed = Run("tutorial", Path.Combine(Root, "samples/data/breast_cancer.csv"));
        var document = File.ReadAllText(Path.Combine(Root, "docs/from-pytorch.md")).ReplaceLineEndings("\n");
        StringAssert.Contains(document, $"    {printed[0]}\n    …\n    {printed[^2]}\n    {printed[^1]}\n");
        Assert.IsTrue(File.Exists(Path.Combine(_folder, "tutorial", "tumours.zip")), "the model that the server opens");
        StringAssert.Contains(document, $"\n    dotnet add package {Core} --prerelease\n");
        StringAssert.Contains(
            document, $"\n    dotnet add package Microsoft.ML --version {TestData.PackageVersionOf(typeof(MLContext))}\n");
    }

    [TestMethod]
    [DataRow(Core)]
    [DataRow(Terminal)]
    [DataRow(Cluster)]
    public void A_project_of_an_older_framework_is_told_which_one_the_package_needs(string id)
    {
        Write("older", "", "Microsoft.NET.Sdk", "net8.0", (id, Version));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Dotnet.Run(_folder, Packages(), "restore", "older"));
        StringAssert.Contains(error.Message, $"error NU1202: Package {id} {Version} is not compatible with net8.0 ");
        StringAssert.Contains(error.Message, $"Package {id} {Version} supports: net10.0 ");
    }

    [TestMethod]
    [DataRow(Core, "Microsoft.ML.LrScheduling",
        "Microsoft.Extensions.Configuration.Abstractions Microsoft.ML Superpower TorchSharp")]
    [DataRow(Terminal, "Microsoft.ML.LrScheduling.Terminal", "LrScheduling.ML Spectre.Console")]
    [DataRow(Cluster, "Microsoft.ML.LrScheduling.Orleans",
        "LrScheduling.ML Microsoft.Orleans.Persistence.Memory Microsoft.Orleans.Server")]
    public void A_package_has_what_the_gallery_and_a_debugger_ask_for(string id, string assembly, string dependencies)
    {
        using var package = new PackedFiles(Path.Combine(_folder, "feed", $"{id}.{Version}.nupkg"));
        string[] expected = [$"lib/net10.0/{assembly}.dll", $"lib/net10.0/{assembly}.xml", "PACKAGE.md", "icon.png",
            .. id == Core ? ["THIRD-PARTY-NOTICES.md", $"buildTransitive/net10.0/{id}.targets"] : Array.Empty<string>()];
        CollectionAssert.AreEquivalent(expected, package.Names);
        (string, string)[] metadata = [("id", id), ("version", Version), ("license", "MIT"), ("readme", "PACKAGE.md"),
            ("icon", "icon.png")];
        foreach (var (element, value) in metadata) Assert.AreEqual(value, package.Metadata(element), element);
        Assert.AreEqual(dependencies, string.Join(' ', package.Dependencies));
        // The gallery shows a readme far away from the files beside it.
        foreach (Match link in Regex.Matches(package.Text("PACKAGE.md"), @"\]\(([^)]*)\)"))
            StringAssert.StartsWith(link.Groups[1].Value, "https://");

        var sources = package.Sources($"lib/net10.0/{assembly}.dll");
        Assert.IsNotEmpty(sources);
        foreach (var (path, isEmbedded) in sources)
        {
            Assert.IsTrue(isEmbedded, path);
            StringAssert.StartsWith(path, "/_/");
        }
    }

    [TestMethod]
    public void All_that_can_be_packed_is_packed()
    {
        var packed = File.ReadAllText(Path.Combine(Root, "build/packages.slnf"));
        var projects = Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.HasCount(Directory.GetFiles(Path.Combine(_folder, "feed")).Length, projects);
        foreach (var project in projects) StringAssert.Contains(packed, $"/{Path.GetFileName(project)}\"");
    }

    [TestMethod]
    public void The_readme_of_the_package_has_the_code_of_the_README() =>
        CollectionAssert.AreEqual(new[] { TwoLines, TwentyLines }, CoreCode[..^1]);

    private static string TwoLines => ReadmeCode.Single(code => code.StartsWith("#:", StringComparison.Ordinal));

    private static string TwentyLines =>
        ReadmeCode.Single(code => code.StartsWith("using Microsoft.ML;\n", StringComparison.Ordinal));

    /// <summary>The lines of README.md, with the second engine, as the package's readme chooses it, before their class.</summary>
    private static string Quick() => TwentyLines.Replace("class Point", $$"""
        try
        {
        {{CoreCode[^1]}}
        Console.WriteLine($"R² {mlContext.Regression.Evaluate(onTorch.Transform(data)).RSquared:F4}");
        }
        catch (InvalidOperationException e)
        {
            Console.WriteLine(e.Message);
        }

        try
        {
            _ = new Microsoft.ML.LrScheduling.Monitoring.TensorBoardLog("runs");
        }
        catch (InvalidOperationException e)
        {
            Console.WriteLine(e.Message);
        }

        class Point
        """, StringComparison.Ordinal);

    /// <summary>The code of the readmes of the other packages, on data of a few rows.</summary>
    private static string Beside()
    {
        string[] codes = [.. new[] { "Terminal", "Orleans" }.Select(name =>
            CodeOf(Path.Combine(Root, $"src/Microsoft.ML.LrScheduling.{name}/PACKAGE.md")).Single())];
        string[] usings = [.. codes.SelectMany(code => code.Split('\n'))
            .Where(line => line.StartsWith("using Microsoft", StringComparison.Ordinal)).Distinct()];
        var blocks = codes.Select(code => $"{{\n{string.Join('\n', code.Split('\n').Where(line => !usings.Contains(line)))}\n}}\n");
        return $$"""
            using Microsoft.Extensions.Logging;
            using Microsoft.ML;
            using Microsoft.ML.Data;
            {{string.Join('\n', usings)}}

            var mlContext = new MLContext(seed: 1);
            var data = mlContext.Data.LoadFromEnumerable(
                Enumerable.Range(0, 200).Select(i => new Point { Features = [i % 10, i % 7], Label = i % 10 - i % 3 }));
            {{string.Concat(blocks)}}
            class Point { [VectorType(2)] public float[] Features { get; set; } = []; public float Label { get; set; } }
            """
            // Other tests have silos too, and what these tell is not asked for.
            .Replace("11112", $"{ClusterProcesses.FreePort()}", StringComparison.Ordinal)
            .Replace("30001", $"{ClusterProcesses.FreePort()}", StringComparison.Ordinal)
            .Replace("builder.UseOrleans", "builder.Logging.SetMinimumLevel(LogLevel.Error);\nbuilder.UseOrleans",
                StringComparison.Ordinal);
    }

    private static void Write(string name, string code, params (string Id, string Version)[] packages) =>
        Write(name, code, "Microsoft.NET.Sdk", "net10.0", packages);

    private static void Write(string name, string code, string sdk, string framework, params (string Id, string Version)[] packages)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        var references = packages.Select(package => $"""<PackageReference Include="{package.Id}" Version="{package.Version}" />""");
        File.WriteAllText(Path.Combine(folder, $"{name}.csproj"),
            $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>{framework}</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>{string.Concat(references)}</ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), code);
    }

    private static string[] Run(string name, params string[] arguments)
    {
        var folder = Path.Combine(_folder, name);
        return Dotnet.Run(folder, [("TMPDIR", folder)], [$"bin/Debug/net10.0/{name}.dll", .. arguments]).TrimEnd('\n').Split('\n');
    }

    /// <summary>A folder of packages for ours alone: all others are taken from where they are.</summary>
    private static (string, string)[] Packages() =>
    [
        ("NUGET_PACKAGES", Path.Combine(_folder, "packages")),
        ("NUGET_FALLBACK_PACKAGES", Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages")),
    ];

    private static void PrintsWhatTheReadmeSays(string[] printed) => StringAssert.Contains(
        File.ReadAllText(Path.Combine(Root, "README.md")).ReplaceLineEndings("\n"),
        $"    {printed[0]}\n    …\n    {printed[19]}\n    {printed[20]}\n");

    private static string[] CodeOf(string document) =>
        [.. Regex.Matches(File.ReadAllText(document).ReplaceLineEndings("\n"), "```csharp\n(.*?)```", RegexOptions.Singleline)
            .Select(match => match.Groups[1].Value)];
}
