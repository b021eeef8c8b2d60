using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Monitoring;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Tests.Engines;

/// <summary>
/// What the Torch engine says where its libraries are missing: told by a process of its own, in a folder that lacks them.
/// </summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class TorchRuntimeTests
{
    private const string Natives = "runtimes/linux-x64/native";

    private static readonly string Application = AppContext.BaseDirectory;

    [TestMethod]
    public void Where_all_is_there_it_trains() => Assert.AreEqual("fused engine: trained\nTorch engine: trained", Run(_ => true));

    [TestMethod]
    public void Without_libtorch_it_says_what_to_add()
    {
        var said = Run(file => file == "libLibTorchSharp.so"
            || !(file.StartsWith("libtorch", StringComparison.Ordinal) || file.StartsWith("libc10", StringComparison.Ordinal)));
        // A machine may have a libtorch of its own.
        var isThere = said.Contains("The libtorch that was found", StringComparison.Ordinal);
        Says(isThere
            ? "The libtorch that was found is not the one that TorchSharp was built for, 2.10.\nAdd the package TorchSharp-cpu 0.107.0"
            : "libtorch is not beside the application.\nAdd the package TorchSharp-cpu 0.107.0", said);
    }

    [TestMethod]
    public void Without_the_binding_it_says_what_to_add() =>
        Says("libtorch is not beside the application.\nAdd the package TorchSharp-cpu 0.107.0", Run(file => file != "libLibTorchSharp.so"));

    [TestMethod]
    public void For_a_GPU_it_names_the_package_that_has_CUDA()
    {
        foreach (var failure in new Exception[] { new DllNotFoundException("x"), new FileNotFoundException("x"),
            new DllNotFoundException("undefined symbol: y") })
        {
            StringAssert.Contains(
                TorchRuntime.Describe(failure, "cuda:1"), "Add the package TorchSharp-cuda-linux 0.107.0 to the application");
            StringAssert.EndsWith(TorchRuntime.Describe(failure, "cuda:1"), ", or choose the device \"cpu\".");
            StringAssert.Contains(TorchRuntime.Describe(failure, "cpu"), "Add the package TorchSharp-cpu 0.107.0 to the application");
            if (RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64)
                StringAssert.Contains(
                    TorchRuntime.Describe(failure, "cpu"),
                    $", or the smaller libtorch-cpu-linux-x64 {Version.Parse(torch.__version__).ToString(3)} for this platform alone, ");
            Assert.IsFalse(TorchRuntime.Describe(failure, "cuda:1").Contains("libtorch-cpu", StringComparison.Ordinal));
        }
    }

    [TestMethod]
    public void Without_TorchSharp_it_says_what_to_add() =>
        Says("TorchSharp.dll is not beside the application, or is of another version.\nAdd the package TorchSharp-cpu 0.107.0",
            Run(file => file != "TorchSharp.dll"));

    [TestMethod]
    public void Where_libstdcxx_is_too_old_it_says_so()
    {
        var original = Path.Combine(Packages, "torchsharp/0.107.0", Natives, "libLibTorchSharp.so");
        if (!File.Exists(original)) Assert.Inconclusive($"The package's own library is not at {original}.");
        var said = Run(file => file != "libLibTorchSharp.so", original);
        if (said.EndsWith("Torch engine: trained", StringComparison.Ordinal))
            Assert.Inconclusive("libstdc++ of this machine is new enough.");
        Says("TorchSharp's native library asks for a newer libstdc++ (GCC 13) than this machine has.\n"
            + "Build the application again with the property TorchSharpOnOlderLinux=true", said);
    }

    [TestMethod]
    public void A_log_for_TensorBoard_that_cannot_be_used_says_what_to_add_and_makes_no_folder()
    {
        Assert.AreEqual("made, folder: True", Run(_ => true, program: "tensorboard"));
        var said = Run(file => file != "libLibTorchSharp.so", program: "tensorboard");
        StringAssert.StartsWith(said,
            "TensorBoardLog cannot be used. libtorch is not beside the application.\n"
            + "Add the package TorchSharp-cpu 0.107.0 to the application");
        StringAssert.EndsWith(said, ", or leave TensorBoardLog out., folder: False");
    }

    /// <summary>What the process of its own does with a log for TensorBoard.</summary>
    internal static void LogAndWrite()
    {
        string made;
        try
        {
            _ = new TensorBoardLog("runs/step");
            made = "made";
        }
        catch (InvalidOperationException e)
        {
            made = e.Message;
        }

        Console.WriteLine($"{made}, folder: {Directory.Exists("runs")}");
    }

    /// <summary>What the process of its own does.</summary>
    internal static void FitAndWrite()
    {
        foreach (var (name, engine) in new[] { ("fused", TrainingEngine.Fused), ("Torch", TrainingEngine.Torch) })
        {
            try
            {
                var mlContext = new MLContext(seed: 1);
                var options = new TorchLogisticRegressionTrainer.Options { LabelColumnName = "Truth", Engine = engine };
                mlContext.BinaryClassification.Trainers.TorchLogisticRegression(options).Fit(TaskCase.Rows(mlContext, 100));
                Console.WriteLine($"{name} engine: trained");
            }
            catch (InvalidOperationException e)
            {
                Console.WriteLine($"{name} engine: {e.Message}");
            }
        }
    }

    private static string Packages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static void Says(string expected, string said)
    {
        const string Start = "fused engine: trained\nTorch engine: The Torch engine cannot be used. ";
        StringAssert.StartsWith(said, Start + expected);
        Assert.IsLessThanOrEqualTo(4, said.Split('\n').Length, said);
        StringAssert.EndsWith(said, "or choose TrainingEngine.Fused.");
    }

    private static string Run(Func<string, bool> isThere, string? more = null, string program = "torch")
    {
        var folder = Directory.CreateTempSubdirectory("lrscheduling-torch-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(Application))
                if (isThere(Path.GetFileName(file))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            var natives = Directory.CreateDirectory(Path.Combine(folder, Natives)).FullName;
            string[] libraries =
                [.. Directory.GetFiles(Path.Combine(Application, Natives)).Where(file => isThere(Path.GetFileName(file))),
                    .. more is null ? Array.Empty<string>() : [more]];
            foreach (var file in libraries) File.CreateSymbolicLink(Path.Combine(natives, Path.GetFileName(file)), file);
            // The host refuses to start where a file of its list is missing; without the list it takes what is there.
            if (!isThere("TorchSharp.dll")) File.Delete(Path.Combine(folder, "Microsoft.ML.LrScheduling.Tests.deps.json"));
            var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "Microsoft.ML.LrScheduling.Tests.dll"), program])
            {
                RedirectStandardOutput = true,
                WorkingDirectory = folder,
            };
            using var process = Process.Start(start)!;
            var said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return said.Trim();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
