namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>An estimator of features that were already fitted to these rows, in another process.</summary>
/// <param name="fitted">The fitted transformer.</param>
internal sealed class FittedFeatures(ITransformer fitted) : IEstimator<ITransformer>
{
    /// <inheritdoc/>
    public ITransformer Fit(IDataView input) => fitted;

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => throw new NotSupportedException("What is fitted has a schema.");
}
