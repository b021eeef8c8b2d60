namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The data of a sweep.</summary>
/// <param name="Training">The training rows.</param>
/// <param name="Validation">The rows to measure on; null for those that are held back.</param>
/// <param name="Features">What makes the features; null where they are there.</param>
internal sealed record SweepData(IDataView Training, IDataView? Validation, IEstimator<ITransformer>? Features)
{
    /// <summary>The rows with their features, and what made these; null where they were there.</summary>
    public (ITransformer? Features, SweepData Made) Fit() => Fit(Training);

    /// <summary>The same of some of the training rows.</summary>
    /// <param name="some">The rows to train on.</param>
    public (ITransformer? Features, SweepData Made) Fit(IDataView some)
    {
        var fitted = Features?.Fit(some);
        return (fitted, fitted is null
            ? this with { Training = some }
            : new SweepData(fitted.Transform(some), Validation is null ? null : fitted.Transform(Validation), Features: null));
    }
}
