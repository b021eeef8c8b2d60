using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Microsoft.ML.LrScheduling.Benchmarks;

if (args is ["fits"])
{
    RepeatedFits.Measure();
    return;
}

// In this very process: a build of BenchmarkDotNet's own would not know which DependencySource this one was built with. An iteration is one
// call, so that it takes ten until the code is the one that the runtime settles on.
var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(10);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddJob(job));
