using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>A model whose score is a sum over its features.</summary>
public interface ICalculateFeatureContribution
{
    FeatureContributionCalculator FeatureContributionCalculator { get; }
}

/// <summary>Stands for what a model knows of its features; only the transformer of contributions can use it.</summary>
public sealed class FeatureContributionCalculator
{
    internal FeatureContributionCalculator(IFeatureContributionMapper contributionMapper) => ContributionMapper = contributionMapper;

    internal IFeatureContributionMapper ContributionMapper { get; }
}

/// <summary>Gives what each feature of a row adds to its score.</summary>
internal interface IFeatureContributionMapper
{
    void GetFeatureContributions(in VBuffer<float> features, List<FeatureContribution> contributions);
}

/// <summary>What one feature, by its slot, adds to a score.</summary>
internal readonly record struct FeatureContribution(int Slot, float Value);
