namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>A transformer of a column of features.</summary>
internal interface IFeatureColumn
{
    /// <summary>The column.</summary>
    string FeatureColumnName { get; }
}
