namespace Microsoft.ML.Data;

/// <summary>What a multiclass evaluation counts, row by row.</summary>
internal sealed class MulticlassCounts(int classes)
{
    private const float SmallestProbability = 1e-15f;

    private readonly double[][] _confusion = [.. Enumerable.Range(0, classes).Select(_ => new double[classes])];
    private readonly double[] _rows = new double[classes];
    private readonly double[] _logLosses = new double[classes];
    // How many rows have their own class at each rank of the scores. A class that the model does not know may rank behind all others.
    private readonly double[] _ranks = new double[classes + 1];
    private double _count, _correct, _logLoss;

    internal void Add(int label, ReadOnlySpan<float> scores)
    {
        var isKnown = label < classes;
        var ownScore = isKnown ? scores[label] : 0;
        var rank = 0;
        var best = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            // Of equal scores the first class ranks first.
            if (scores[i] > ownScore || (scores[i] == ownScore && i < label)) rank++;
            if (scores[i] > scores[best]) best = i;
        }
        var loss = -Math.Log(isKnown ? Math.Clamp(ownScore, SmallestProbability, 1) : SmallestProbability);
        _count++;
        _logLoss += loss;
        _ranks[rank]++;
        if (!isKnown) return;
        _rows[label]++;
        _logLosses[label] += loss;
        _confusion[label][rank == 0 ? label : best]++;
        if (rank == 0) _correct++;
    }

    internal double[][] ConfusionTable => _confusion;

    internal double LogLoss => _count > 0 ? _logLoss / _count : 0;

    internal double[] PerClassLogLoss => [.. _logLosses.Select((loss, label) => _rows[label] > 0 ? loss / _rows[label] : 0)];

    internal double MicroAccuracy => _count > 0 ? _correct / _count : 0;

    internal double MacroAccuracy =>
        Enumerable.Range(0, classes).Where(label => _rows[label] > 0)
            .Select(label => _confusion[label][label] / _rows[label]).DefaultIfEmpty(0).Average();

    /// <summary>By how much the log-loss is below the entropy of the labels, relative to it.</summary>
    internal double LogLossReduction
    {
        get
        {
            var entropy = _rows.Where(rows => rows != 0).Sum(rows => rows * Math.Log(rows / _count)) / -_count;
            return (entropy - LogLoss) / entropy;
        }
    }

    /// <summary>For each k to the highest, the share of rows whose class is among the k with the highest scores.</summary>
    internal double[] TopAccuracies(int highest)
    {
        var accuracies = _ranks.Take(highest).Select(rows => rows / _count).ToArray();
        for (var k = 1; k < accuracies.Length; k++) accuracies[k] += accuracies[k - 1];
        return accuracies;
    }
}
