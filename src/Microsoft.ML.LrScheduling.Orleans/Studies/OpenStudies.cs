namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The state of the <see cref="StudiesGrain"/>: the studies that have trials for workers.</summary>
[GenerateSerializer]
internal sealed class OpenStudies
{
    /// <summary>The names.</summary>
    [Id(0)]
    public List<string> Names { get; set; } = [];
}
