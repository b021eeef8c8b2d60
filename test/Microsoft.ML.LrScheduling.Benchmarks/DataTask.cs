namespace Microsoft.ML.LrScheduling.Benchmarks;

/// <summary>What is to be learned from a file.</summary>
internal enum DataTask
{
    /// <summary>A number; measured by R².</summary>
    Regression,

    /// <summary>One of two; measured by the area under the ROC curve.</summary>
    Binary,

    /// <summary>One of several; measured by the micro-accuracy.</summary>
    Multiclass,
}
