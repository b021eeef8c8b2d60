namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>A transformer with a feature column.</summary>
internal interface IFeatureColumn
{
    /// <summary>The name of the column.</summary>
    string FeatureColumnName { get; }
}
