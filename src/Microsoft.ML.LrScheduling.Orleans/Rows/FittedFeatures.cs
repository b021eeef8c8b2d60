namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Features that were fitted elsewhere, to these same rows.</summary>
/// <param name="fitted">What makes them.</param>
internal sealed class FittedFeatures(ITransformer fitted) : IEstimator<ITransformer>
{
    /// <inheritdoc/>
    public ITransformer Fit(IDataView input) => fitted;

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => throw new NotSupportedException("What is fitted has a schema.");
}
