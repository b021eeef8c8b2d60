using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.TorchSharp;
using Microsoft.ML.TorchSharp.AutoFormerV2;
using Microsoft.ML.TorchSharp.NasBert;
using Mono.Cecil;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>
/// Microsoft.ML.TorchSharp, ML.NET's own trainers on TorchSharp, in one pipeline and one process with ours. It was built for an older
/// TorchSharp than ours, so what it wants of TorchSharp is looked up member by member. (Its trainers download their weights when they are
/// fitted, so none is fitted here.)
/// </summary>
[TestClass]
public sealed class BesideMLNetTorchSharpTests
{
    private const string Interpolate =
        "TorchSharp.torch/Tensor TorchSharp.torch/nn/functional::interpolate(TorchSharp.torch/Tensor,System.Int64[],System.Double[],"
        + "TorchSharp.torch/InterpolationMode,System.Nullable`1<System.Boolean>,System.Boolean)";

    private static readonly Assembly Theirs = typeof(TextClassificationTrainer).Assembly;

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void A_classification_of_text_and_ours_stand_in_one_pipeline()
    {
        var data = _mlContext.Data.LoadFromEnumerable(Texts());
        var pipeline = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Kind")
            .Append(_mlContext.MulticlassClassification.Trainers.TextClassification(
                outputColumnName: "KindOfText", scoreColumnName: "ScoreOfText"))
            .Append(_mlContext.Transforms.NormalizeMeanVariance("Features"))
            .Append(_mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy());
        var output = pipeline.GetOutputSchema(MLNetInternals.ShapeOf(data.Schema)).ToDictionary(column => column.Name);
        foreach (var score in new[] { output["ScoreOfText"], output["Score"] })
        {
            Assert.AreEqual(SchemaShape.Column.VectorKind.Vector, score.Kind, score.Name);
            Assert.AreEqual(NumberDataViewType.Single, score.ItemType, score.Name);
        }

        Assert.IsTrue(output["KindOfText"].IsKey);
        Assert.IsTrue(output["PredictedLabel"].IsKey);
    }

    [TestMethod]
    public void Ours_takes_what_a_similarity_of_sentences_gives_and_gives_what_it_takes()
    {
        var shape = MLNetInternals.ShapeOf(_mlContext.Data.LoadFromEnumerable(Texts()).Schema);
        var similarity = _mlContext.Regression.Trainers.SentenceSimilarity("Number", "Similarity", "Sentence1", "Sentence2");
        var similarityFirst = similarity
            .Append(_mlContext.Transforms.Concatenate("Features", "Similarity", "Length"))
            .Append(_mlContext.Regression.Trainers.TorchLinearRegression("Number"));
        Assert.IsTrue(similarityFirst.GetOutputSchema(shape).Any(column => column.Name == "Score"));

        var oursFirst = _mlContext.Regression.Trainers.TorchLinearRegression("Number")
            .Append(_mlContext.Regression.Trainers.SentenceSimilarity("Score", "Similarity", "Sentence1", "Sentence2"));
        Assert.IsTrue(oursFirst.GetOutputSchema(shape).Any(column => column.Name == "Similarity"));
        // What one of them does not take is told before anything is fitted.
        var wrong = similarity.Append(_mlContext.Regression.Trainers.TorchLinearRegression("Number", "Similarity"));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => wrong.GetOutputSchema(shape)).Message,
            "Schema mismatch for feature column 'Similarity': expected Vector<Single>, got Single");
    }

    [TestMethod]
    public void Both_are_on_the_one_TorchSharp_of_the_process()
    {
        var options = new TorchLinearRegressionTrainer.Options
        { LabelColumnName = "Number", Engine = TrainingEngine.Torch, NumberOfEpochs = 1 };
        _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(_mlContext.Data.LoadFromEnumerable(Texts()));
        // Loading all of its types also tells of any that lacks a base type, or a member that TorchSharp has come to demand.
        Assert.Contains(type => type.IsSubclassOf(typeof(torch.nn.Module)), Theirs.GetTypes());
        var loaded = AppDomain.CurrentDomain.GetAssemblies().Where(assembly => assembly.GetName().Name == "TorchSharp").ToArray();
        Assert.HasCount(1, loaded);
        Assert.AreSame(typeof(torch).Assembly, loaded[0]);
        Assert.IsGreaterThan(
            Theirs.GetReferencedAssemblies().Single(name => name.Name == "TorchSharp").Version!, loaded[0].GetName().Version!);
    }

    [TestMethod]
    public void TorchSharp_has_all_that_it_wants_but_one_overload_which_ObjectDetection_alone_calls()
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        using var module = ModuleDefinition.ReadModule(Theirs.Location, new ReaderParameters { AssemblyResolver = resolver });
        var types = module.GetTypeReferences().Where(IsOfTorchSharp).ToArray();
        var members = module.GetMemberReferences().Where(member => IsOfTorchSharp(member.DeclaringType)).ToArray();
        // It says much to TorchSharp: a search that finds little is one that looks at the wrong place.
        Assert.IsGreaterThan(20, types.Length);
        Assert.IsGreaterThan(100, members.Length);
        Assert.AreEqual("", string.Join("\n", types.Where(type => type.Resolve() is null)));
        var missing = members.Where(member => IsMissing(member)).ToArray();
        Assert.AreEqual(Interpolate, string.Join("\n", missing.Select(member => member.FullName)));
        // Of the model of ObjectDetection alone.
        const string Detection = "Microsoft.ML.TorchSharp.AutoFormerV2";
        string[] callers = [$"{Detection}.AutoFormerV2Block", $"{Detection}.FPN"];
        CollectionAssert.AreEquivalent(callers, TypesThatUse(module, missing.Contains));
        foreach (var caller in callers)
        {
            var forward = Theirs.GetType(caller, throwOnError: true)!.GetMethods()
                .Single(method => method.Name == "forward" && method.DeclaringType!.FullName == caller);
            var error = Assert.ThrowsExactly<MissingMethodException>(() => RuntimeHelpers.PrepareMethod(forward.MethodHandle));
            StringAssert.Contains(error.Message, "interpolate", caller);
        }

        var users = TypesThatUse(module, used => used is MemberReference { DeclaringType.Namespace: Detection })
            .Where(user => !user.StartsWith(Detection, StringComparison.Ordinal));
        Assert.AreEqual(typeof(TorchSharpCatalog).FullName, string.Join("\n", users));
        var trainers = Theirs.GetExportedTypes()
            .Where(type => type.Namespace == Detection && type.Name.EndsWith("Trainer", StringComparison.Ordinal));
        Assert.AreSame(typeof(ObjectDetectionTrainer), trainers.Single());
    }

    private static bool IsOfTorchSharp(TypeReference type) => type.GetElementType().Scope.Name == "TorchSharp";

    private static bool IsMissing(MemberReference member)
    {
        try
        {
            return member.Resolve() is null;
        }
        catch (ResolutionException)
        {
            return true;
        }
    }

    /// <summary>The types of a module in whose methods an operand is one of those that are looked for.</summary>
    private static string[] TypesThatUse(ModuleDefinition module, Predicate<object> isLookedFor) =>
    [
        .. module.GetTypes()
            .Where(type => type.Methods.Where(method => method.HasBody)
                .Any(method => method.Body.Instructions.Any(instruction => isLookedFor(instruction.Operand))))
            .Select(type => type.FullName),
    ];

    private static IEnumerable<TextRow> Texts() => Enumerable.Range(0, 40).Select(i => new TextRow
    {
        Kind = i % 2 == 0 ? "even" : "odd",
        Sentence1 = $"row {i}",
        Sentence2 = $"the row {i}",
        Number = i % 4,
        Length = i % 10 + 5,
        Features = [i % 2, i % 3],
    });

    private sealed class TextRow
    {
        public string Kind { get; set; } = "";

        public string Sentence1 { get; set; } = "";

        public string Sentence2 { get; set; } = "";

        public float Number { get; set; }

        public float Length { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
