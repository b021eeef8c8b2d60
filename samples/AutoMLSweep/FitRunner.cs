using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.AutoML;
using Microsoft.ML.LrScheduling.Schedules;

namespace AutoMLSweep;

/// <summary>
/// Trains the trials of an experiment, and measures each by what its own training measured: the rows are not read again to score them.
/// </summary>
internal sealed class FitRunner(MLContext mlContext, IDataView train, IDataView validation) : ITrialRunner
{
    public const string SpaceName = "trainer";

    public Task<TrialResult> RunAsync(TrialSettings settings, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var options = settings.Parameter[SpaceName].AsType<Hyperparameters>().ToOptions();
        options.CancellationToken = ct;
        var model = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(train, validation);
        var error = model.History.Epochs[^1][Metric.RootMeanSquaredError]!.Value;
        return Task.FromResult(new TrialResult
        {
            TrialSettings = settings, Model = model, Metric = error, Loss = error,
            DurationInMilliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds,
        });
    }

    public void Dispose()
    {
    }
}
