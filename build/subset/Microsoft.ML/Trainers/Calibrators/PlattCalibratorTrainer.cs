using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Calibrators;

/// <summary>Trains a sigmoid of the score, after Platt.</summary>
internal sealed class PlattCalibratorTrainer : ICalibratorTrainer
{
    // Beyond this many rows a sample of them is enough.
    private const int MaximumRows = 1_000_000;

    private readonly IHost _host;

    internal PlattCalibratorTrainer(IHostEnvironment env) => _host = env.Register("PlattCalibration");

    bool ICalibratorTrainer.NeedsTraining => true;

    ICalibrator ICalibratorTrainer.Train(IEnumerable<ScoredExample> examples)
    {
        var sample = new Reservoir<ScoredExample>(MaximumRows, _host.Rand);
        var count = 0L;
        foreach (var example in examples)
        {
            count++;
            if (example.Weight != 0) sample.Add(example);
        }
        Contracts.Check(count > 0, "Calibrator trained on zero instances.");
        if (sample.Rows.Count == 0) return new PlattCalibrator(_host, 0, 0);
        var fit = new PlattFit([.. sample.Rows.OrderBy(example => example.Score)]);
        fit.Run();
        return new PlattCalibrator(_host, fit.Slope, fit.Offset);
    }
}

/// <summary>A calibrator that is known beforehand.</summary>
internal sealed class FixedPlattCalibratorTrainer(IHostEnvironment env, double slope, double offset) : ICalibratorTrainer
{
    bool ICalibratorTrainer.NeedsTraining => false;

    ICalibrator ICalibratorTrainer.Train(IEnumerable<ScoredExample> examples) => new PlattCalibrator(env, slope, offset);
}
