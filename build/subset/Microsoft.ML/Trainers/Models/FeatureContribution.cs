namespace Microsoft.ML.Trainers;

public interface ICalculateFeatureContribution
{
    FeatureContributionCalculator FeatureContributionCalculator { get; }
}

/// <summary>Stands for a model whose score is a sum over its features; the package Microsoft.ML has the transformer that uses it.</summary>
public sealed class FeatureContributionCalculator
{
    internal FeatureContributionCalculator() { }
}
