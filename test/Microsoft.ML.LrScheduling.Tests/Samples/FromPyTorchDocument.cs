using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

/// <summary>What docs/from-pytorch.md shows is in its two samples and in train.py; all three are run, one after the other.</summary>
[TestClass]
public sealed partial class FromPyTorchDocument
{
    private static readonly string Root = typeof(FromPyTorchDocument).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepositoryRoot").Value!;

    private static readonly string Data = Path.Combine(Root, "samples/data/breast_cancer.csv");

    private static readonly string Text = Read("docs/from-pytorch.md");

    [TestMethod]
    public void All_code_in_the_document_is_in_the_samples()
    {
        string[] files = ["FromPyTorch/train.py", "FromPyTorch/Tumour.cs", "FromPyTorch/Program.cs", "ServedModel/Program.cs"];
        string[] samples = [.. files.Select(file => Read($"samples/{file}"))];
        var blocks = Regex.Matches(Text, "```(csharp|python)\n(.*?)```", RegexOptions.Singleline);
        Assert.HasCount(8, blocks);
        foreach (var block in blocks.Select(match => match.Groups[2].Value).Where(block => !Pasted().IsMatch(block)))
            Assert.IsTrue(samples.Any(sample => sample.Contains(block, StringComparison.Ordinal)), block);
    }

    [TestMethod]
    public void The_line_of_PyTorch_can_be_pasted()
    {
        var line = Pasted().Match(Text).Groups["line"].Value;
        CollectionAssert.Contains(Read("samples/FromPyTorch/train.py").Split('\n'), line);
        var schedule = LrSchedule.StepLR(stepSize: 10, gamma: 0.3);
        Assert.AreEqual(schedule, LrSchedule.Parse(line));
        StringAssert.Contains(Read("samples/FromPyTorch/Program.cs"), $"LrSchedule.{schedule},");
        Assert.AreEqual(LrSchedule.LambdaLR("0.95 ** epoch"), LrSchedule.Parse(Lambda().Match(Text).Value));
    }

    [TestMethod]
    public void The_training_of_PyTorch_has_the_rates_and_the_result_of_the_sample()
    {
        const string Python = "/usr/bin/python3";
        if (!File.Exists(Python)) Assert.Inconclusive($"there is no {Python}");
        var peer = Run(Python, Path.Combine(Root, "samples/FromPyTorch/train.py"), Data);
        if (peer.Errors.Contains("No module named", StringComparison.Ordinal)) Assert.Inconclusive(peer.Errors);
        var model = Path.GetTempFileName();
        try
        {
            var ours = Run("dotnet", Program("FromPyTorch"), Data, model);
            Assert.AreEqual(0, peer.ExitCode + ours.ExitCode, peer.Errors + ours.Errors);
            Assert.HasCount(31, ours.Lines);
            CollectionAssert.AreEqual(Rates(peer.Lines), Rates(ours.Lines));
            // Other orders of rows and other weights at the start: the document says by how much.
            Assert.AreEqual(Last(peer.Lines[29]), Last(ours.Lines[29]), 0.005);
            Assert.AreEqual(Last(peer.Lines[30]), Last(ours.Lines[30]), 2.0 / 143);
            StringAssert.Contains(Text, Shown(ours.Lines), $"the document must have\n{Shown(ours.Lines)}");
            StringAssert.Contains(Text, Shown(peer.Lines), $"the document must have\n{Shown(peer.Lines)}");
        }
        finally
        {
            File.Delete(model);
        }

        static string[] Rates(string[] lines) => [.. lines[..30].Select(line => line.Split(',')[0])];
        static double Last(string line) => double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
        static string Shown(string[] lines) => $"    {lines[0]}\n    …\n    {lines[29]}\n    {lines[30]}\n";
    }

    [TestMethod]
    public async Task The_model_is_served_by_a_program_without_this_library()
    {
        var model = Path.GetTempFileName();
        Assert.AreEqual(0, Run("dotnet", Program("FromPyTorch"), Data, model).ExitCode);
        var program = Program("ServedModel");
        Assert.IsEmpty(Directory.GetFiles(Path.GetDirectoryName(program)!, "*LrScheduling*"));
        Assert.IsEmpty(Directory.GetFiles(Path.GetDirectoryName(program)!, "*TorchSharp*"));
        using var server = Start("dotnet", program, "--model", model, "--urls", "http://127.0.0.1:0");
        try
        {
            var (body, answer) = (Body().Match(Text).Groups["body"].Value, Answer().Match(Text).Groups["answer"].Value);
            using var client = new HttpClient { BaseAddress = await AddressOf(server) };
            using var response = await Post(client, body);
            var verdict = await response.Content.ReadAsStringAsync();
            // Of the probability the document has four digits.
            StringAssert.StartsWith(verdict, answer);
            using var tooShort = await Post(client, """{ "features": [1, 2] }""");
            Assert.AreEqual(HttpStatusCode.BadRequest, tooShort.StatusCode);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
            File.Delete(model);
        }
    }

    private static Task<HttpResponseMessage> Post(HttpClient client, string body)
    {
        // What curl is given is JSON.
        JsonDocument.Parse(body).Dispose();
        return client.PostAsync(new Uri("/predict", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));
    }

    private static async Task<Uri> AddressOf(Process server)
    {
        while (await server.StandardOutput.ReadLineAsync() is { } line)
            if (Listening().Match(line) is { Success: true } match)
                return new Uri(match.Groups["address"].Value);

        throw new InvalidOperationException(await server.StandardError.ReadToEndAsync());
    }

    // The test project's own output is artifacts/bin/PROJECT/CONFIGURATION/.
    private static string Program(string sample)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(output.Parent!.Parent!.FullName, sample, output.Name, $"{sample}.dll");
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static (string[] Lines, string Errors, int ExitCode) Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return (lines, errors.Result, process.ExitCode);
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Root, file)).ReplaceLineEndings("\n");

    [GeneratedRegex(@"Now listening on: (?<address>\S+)")]
    private static partial Regex Listening();

    [GeneratedRegex(@"-d '(?<body>[^']*)'")]
    private static partial Regex Body();

    [GeneratedRegex("^var schedule = LrSchedule\\.Parse\\(\"(?<line>.*)\"\\);$", RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex Pasted();

    [GeneratedRegex("LambdaLR\\(.*\\)(?=`)")]
    private static partial Regex Lambda();

    [GeneratedRegex(@"(?<answer>\{""benign"".*)…\}")]
    private static partial Regex Answer();
}
