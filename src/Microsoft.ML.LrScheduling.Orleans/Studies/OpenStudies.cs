namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The names of the studies that workers take trials from.</summary>
[GenerateSerializer]
internal sealed class OpenStudies
{
    /// <summary>The names.</summary>
    [Id(0)]
    public List<string> Names { get; set; } = [];
}
