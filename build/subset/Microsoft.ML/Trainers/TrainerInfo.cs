namespace Microsoft.ML;

/// <summary>What a trainer would like of the data it is trained on.</summary>
public sealed class TrainerInfo
{
    internal TrainerInfo(bool normalization = true, bool calibration = false, bool caching = true,
        bool supportValid = false, bool supportIncrementalTrain = false, bool supportTest = false)
    {
        NeedNormalization = normalization;
        NeedCalibration = calibration;
        WantCaching = caching;
        SupportsValidation = supportValid;
        SupportsIncrementalTraining = supportIncrementalTrain;
        SupportsTest = supportTest;
    }

    public bool NeedNormalization { get; }
    public bool WantCaching { get; }
    internal bool NeedCalibration { get; }
    internal bool SupportsValidation { get; }
    internal bool SupportsIncrementalTraining { get; }
    internal bool SupportsTest { get; }
}
