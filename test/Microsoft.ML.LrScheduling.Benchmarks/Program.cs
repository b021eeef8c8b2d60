using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Microsoft.ML.LrScheduling.Benchmarks;
using Microsoft.ML.LrScheduling.Benchmarks.Clusters;
using Microsoft.ML.LrScheduling.Benchmarks.Finder;
using Microsoft.ML.LrScheduling.Benchmarks.Performance;
using Microsoft.ML.LrScheduling.Benchmarks.WhichSchedule;

switch (args)
{
    case ["performance", .. var rest]:
        return PerformanceRun.MeasureAll(rest);
    case [MemoryRuns.Argument, var what, var rows]:
        MemoryRuns.MeasureThis(what, int.Parse(rows, CultureInfo.InvariantCulture));
        return 0;
    case ["file"]:
        return MoreThanMemory.Measure();
    case [MoreThanMemory.Argument]:
        MoreThanMemory.MeasureThis();
        return 0;
    case ["finder", var folder]:
        FinderRun.Measure(folder);
        return 0;
    case ["finder", var folder, var picture]:
        FinderRun.Draw(folder, picture);
        return 0;
    case ["cluster"]:
        return ClusterRun.Measure();
    case ["cluster", "simulated"]:
        return ClusterRun.Simulate();
    case ["cluster", "ledger"]:
        return ClusterRun.MeasureLedger();
    case [BenchmarkCluster.Argument, var redis, var port]:
        BenchmarkCluster.Work(redis, int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case ["fits"]:
        RepeatedFits.Measure();
        return 0;
    case ["quality", var folder]:
        return DefaultQuality.Measure(folder);
    case ["schedules"]:
        return ScheduleComparison.Measure();
}

// In this very process: a program that BenchmarkDotNet builds itself would lack what TorchSharpOnOlderLinux.targets does. An iteration is
// one call, so that it takes ten until the code is the one that the runtime settles on.
var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(10);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddJob(job));
return 0;
