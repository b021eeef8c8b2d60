namespace Microsoft.ML.Calibrators;

/// <summary>A row as calibrators see it.</summary>
internal readonly record struct ScoredExample(float Score, bool IsPositive, float Weight);

/// <summary>Makes a calibrator of scored rows.</summary>
internal interface ICalibratorTrainer
{
    /// <summary>Whether the rows matter; where they do not, none are read.</summary>
    bool NeedsTraining { get; }

    ICalibrator Train(IEnumerable<ScoredExample> examples);
}

/// <summary>Marks the calibrators' own estimators, which other trainers take.</summary>
internal interface ICalibratorEstimator
{
}
