using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.ML.LrScheduling.Loops;
using Microsoft.ML.LrScheduling.Monitoring;
using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Architecture;

/// <summary>
/// Every public type that a user makes or calls has an example in its documentation, or one of its members has. All examples compile,
/// run, and print what the comments behind <c>Console.WriteLine</c> say.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed partial class ExampleTests
{
    private static readonly Assembly[] Assemblies =
        [typeof(LinearTrainerOptions).Assembly, typeof(ConsoleProgress).Assembly, typeof(OrleansWorkers).Assembly];

    // What the library gives and nobody makes: the example is at what gives it.
    private static readonly (Type Type, string Reason)[] WithoutExample =
    [
        (typeof(TorchLinearRegressionTrainer), "LrSchedulingCatalog makes it"),
        (typeof(TorchLogisticRegressionTrainer), "LrSchedulingCatalog makes it"),
        (typeof(TorchMaximumEntropyTrainer), "LrSchedulingCatalog makes it"),
        (typeof(TorchLinearRegressionTransformer), "Fit of the trainer gives it"),
        (typeof(TorchLogisticRegressionTransformer), "Fit of the trainer gives it"),
        (typeof(TorchMaximumEntropyTransformer), "Fit of the trainer gives it"),
        (typeof(EpochRecord), "TrainingHistory holds it"),
        (typeof(MetricDictionary), "EpochRecord holds it"),
        (typeof(TrainingProgress), "Progress of a trainer's options is told it"),
        (typeof(SweepProgress), "Progress of a sweep is told it"),
        (typeof(TrialProgress), "SweepProgress holds it"),
        (typeof(Study<>), "Sweep of SweepCatalog and Load of Study give it"),
        (typeof(StudyTrial<>), "Study<TOptions> holds it"),
        (typeof(Hyperparameter), "StudyTrial<TOptions> holds it"),
        (typeof(LearningRateCurve), "LearningRateFinder gives it"),
        (typeof(LearningRatePoint), "LearningRateCurve holds it"),
        (typeof(LrCurve), "Preview of a schedule gives it"),
        (typeof(LrSchedulerState), "Save of a scheduler gives it"),
        (typeof(ScheduleState), "LrSchedulerState holds it"),
        (typeof(DrivenScheduler), "Drive of LoopExtensions gives it"),
        (typeof(LoopOptimizer), "ToTorch of LoopExtensions gives it"),
        (typeof(PerGroup), "it is for the compiler, which makes PerGroup<T> of a collection by it"),
        (typeof(ValueList), "it is for the compiler, which makes ValueList<T> of a collection by it"),
    ];

    /// <summary>
    /// What examples use without saying where it comes from. Rows have the columns that they name, and a label of the kind of the task.
    /// </summary>
    private const string Given = """
        using System; using System.Collections.Generic; using System.IO; using System.Linq;
        using Microsoft.Extensions.DependencyInjection; using Microsoft.Extensions.Hosting;
        using Microsoft.ML; using Microsoft.ML.Data; using Microsoft.ML.LrScheduling.Loops; using Microsoft.ML.LrScheduling.Losses;
        using Microsoft.ML.LrScheduling.Monitoring; using Microsoft.ML.LrScheduling.Optimizers; using Microsoft.ML.LrScheduling.Orleans;
        using Microsoft.ML.LrScheduling.Reports; using Microsoft.ML.LrScheduling.Schedules; using Microsoft.ML.LrScheduling.Sweeps;
        using Microsoft.ML.LrScheduling.Trainers; using Microsoft.ML.LrScheduling.Training;
        using Orleans; using Orleans.Hosting; using TorchSharp; using Optimizer = Microsoft.ML.LrScheduling.Optimizers.Optimizer;

        public class Row<TLabel>
        {
            public TLabel Label { get; set; }
            [VectorType(2)] public float[] Features { get; set; }
            public float Carat { get; set; }
            public float Depth { get; set; }
            public float Age { get; set; }
            public float Income { get; set; }
            public float Length { get; set; }
            public float Width { get; set; }
        }

        public class Given<TLabel>
        {
            public static readonly MLContext mlContext = new(seed: 1);
            public static readonly IDataView trainData = mlContext.Data.LoadFromEnumerable(
                Enumerable.Range(0, 100).Select(i => new Row<TLabel> { Label = Label(i), Features = [i % 10, i % 7] }));
            private static TLabel Label(int i) => (TLabel)(object)(
                typeof(TLabel) == typeof(bool) ? i % 2 == 0 : typeof(TLabel) == typeof(string) ? $"{i % 3}" : i % 10f);
            public static readonly TorchLinearRegressionTrainer.Options options = new();
            public static readonly SweepSpace<TorchLinearRegressionTrainer.Options> space = SweepSpace.Of(
                draw => new TorchLinearRegressionTrainer.Options { NumberOfEpochs = 2, LearningRate = draw.LogRange("rate", 1e-3, 0.1) });
            public static TorchLinearRegressionTransformer step => mlContext.Regression.Trainers.TorchLinearRegression(
                learningRateSchedule: LrSchedule.StepLR(2), numberOfEpochs: 4).Fit(trainData);
            public static TorchLinearRegressionTransformer cosine => mlContext.Regression.Trainers.TorchLinearRegression(
                learningRateSchedule: LrSchedule.CosineAnnealingLR(4), numberOfEpochs: 4).Fit(trainData);
            public static readonly TorchSharp.Modules.Linear model = torch.nn.Linear(2, 1);
            public static IClusterClient client => new HostBuilder().UseOrleansClient(builder => builder.UseLocalhostClustering())
                .Build().Services.GetRequiredService<IClusterClient>();
            public static void Train(params object[] with) { }
        }

        """;

    [TestMethod]
    public void Every_public_type_that_a_user_makes_has_an_example()
    {
        var documented = Examples().Select(example => example.Member[2..].Split('(')[0]).ToArray();
        var types = Assemblies.SelectMany(assembly => assembly.GetExportedTypes()).Where(type => IsMade(type)).ToArray();
        // The reading finds types and examples at all.
        Assert.IsGreaterThan(60, types.Length);

        var missing = types.Where(type => !Has(type)).Except(WithoutExample.Select(type => type.Type));
        Assert.AreEqual("", string.Join(", ", missing), "a public type without an <example>");
        Assert.AreEqual("", string.Join(", ", WithoutExample.Select(type => type.Type).Where(Has)), "it has an example after all");

        bool Has(Type type)
        {
            var name = type.FullName!.Replace('+', '.');
            return documented.Any(member => member == name || (member.StartsWith($"{name}.", StringComparison.Ordinal)
                && !types.Any(other => other.DeclaringType == type && member == other.FullName!.Replace('+', '.'))));
        }
    }

    [TestMethod]
    public void Every_example_runs_and_prints_what_it_says()
    {
        var examples = Examples().ToArray();
        var methods = Compile(examples);
        var (folder, before, output) = (Directory.CreateTempSubdirectory("lrscheduling-"), Directory.GetCurrentDirectory(), Console.Out);
        var culture = CultureInfo.CurrentCulture;
        var wrong = new List<string>();
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            for (var i = 0; i < examples.Length; i++)
            {
                Directory.SetCurrentDirectory(folder.CreateSubdirectory($"{i}").FullName);
                using var console = new StringWriter();
                Console.SetOut(console);
                methods[i].Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null);
                var said = Printed().Matches(examples[i].Code).Select(match => match.Groups["text"].Value.Trim()).ToArray();
                var printed = console.ToString().ReplaceLineEndings("\n").TrimEnd('\n');
                if (said.Length > 0 && string.Join('\n', said) != printed) wrong.Add($"{examples[i].Member} prints {printed}");
            }
        }
        finally
        {
            Console.SetOut(output);
            CultureInfo.CurrentCulture = culture;
            Directory.SetCurrentDirectory(before);
            folder.Delete(recursive: true);
        }

        Assert.AreEqual("", string.Join('\n', wrong));
    }

    // Not what is only derived from, thrown or named; a strategy has factories instead of public kinds.
    private static bool IsMade(Type type) =>
        !type.IsEnum && !type.IsInterface && !type.IsAssignableTo(typeof(Exception)) && !type.IsAssignableTo(typeof(Delegate))
        && (!type.IsAbstract || type.IsSealed || type == typeof(SweepStrategy));

    private static IEnumerable<(string Member, string Code)> Examples() =>
        from assembly in Assemblies
        from member in XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
        from code in member.Elements("example").Elements("code")
        select ((string)member.Attribute("name")!, code.Value);

    // One compilation for all, since starting the compiler is most of the time.
    private static MethodInfo[] Compile((string Member, string Code)[] examples)
    {
        var source = new StringBuilder(Given);
        foreach (var (i, (_, code)) in examples.Index())
        {
            var label = code.Contains("BinaryClassification", StringComparison.Ordinal) ? "bool"
                : code.Contains("MulticlassClassification", StringComparison.Ordinal) ? "string" : "float";
            source.Append($"public class Example{i} : Given<{label}> {{ public static void Run() {{ {code}\n}} }}\n");
        }

        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("Examples", [CSharpSyntaxTree.ParseText(source.ToString())], references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.IsTrue(result.Success, string.Join("\n", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)
            .Take(5).Select(d => $"{d}\n{d.Location.SourceTree!.GetText().Lines[d.Location.GetLineSpan().StartLinePosition.Line]}")));
        var assembly = Assembly.Load(image.ToArray());
        return [.. examples.Index().Select(example => assembly.GetType($"Example{example.Index}")!.GetMethod("Run")!)];
    }

    [GeneratedRegex(@"Console\.WriteLine\(.*\);\s*// (?<text>.*)")]
    private static partial Regex Printed();
}
