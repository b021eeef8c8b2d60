namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The data of a sweep.</summary>
/// <param name="Training">The training rows.</param>
/// <param name="Validation">The validation rows; null if they are held back from the training rows.</param>
/// <param name="Features">The pipeline that creates the features; null if the rows already have them.</param>
internal sealed record SweepData(IDataView Training, IDataView? Validation, IEstimator<ITransformer>? Features)
{
    /// <summary>Fits the pipeline, and returns it and the rows with their features. The pipeline is null if there is none.</summary>
    public (ITransformer? Features, SweepData Made) Fit() => Fit(Training);

    /// <summary>Does the same with other training rows, such as those outside a fold.</summary>
    /// <param name="some">The training rows.</param>
    public (ITransformer? Features, SweepData Made) Fit(IDataView some)
    {
        var fitted = Features?.Fit(some);
        return (fitted, fitted is null
            ? this with { Training = some }
            : new SweepData(fitted.Transform(some), Validation is null ? null : fitted.Transform(Validation), Features: null));
    }
}
