namespace Microsoft.ML.Data;

/// <summary>What a binary evaluation counts, row by row.</summary>
internal sealed class BinaryCounts
{
    private double _truePositives, _falseNegatives, _falsePositives, _trueNegatives;
    private double _positivesWithProbability, _negativesWithProbability, _logLoss;

    internal void Add(bool isPositive, bool isPredictedPositive, float probability)
    {
        if (isPositive && isPredictedPositive) _truePositives++;
        else if (isPositive) _falseNegatives++;
        else if (isPredictedPositive) _falsePositives++;
        else _trueNegatives++;
        if (!float.IsNaN(probability) && isPositive) _positivesWithProbability++;
        else if (!float.IsNaN(probability)) _negativesWithProbability++;
        // One missing probability leaves the log-loss of all rows undefined.
        _logLoss += -Math.Log(isPositive ? probability : 1.0 - probability, 2);
    }

    internal double[][] ConfusionTable => [[_truePositives, _falseNegatives], [_falsePositives, _trueNegatives]];

    private double Count => _truePositives + _falseNegatives + _falsePositives + _trueNegatives;

    private double CountWithProbability => _positivesWithProbability + _negativesWithProbability;

    internal double Accuracy => (_truePositives + _trueNegatives) / Count;

    internal double Entropy => EntropyOf((_truePositives + _falseNegatives) / Count);

    internal double LogLoss => double.IsNaN(_logLoss) ? double.NaN : CountWithProbability > 0 ? _logLoss / CountWithProbability : 0;

    internal double LogLossReduction
    {
        get
        {
            if (CountWithProbability == 0) return 0;
            var prior = EntropyOf(_positivesWithProbability / CountWithProbability);
            return (prior - _logLoss / CountWithProbability) / prior;
        }
    }

    private static double EntropyOf(double probability) => probability switch
    {
        0 or 1 => 0,
        > 0 and < 1 => -probability * Math.Log(probability, 2) - (1 - probability) * Math.Log(1 - probability, 2),
        _ => double.NaN,
    };
}
