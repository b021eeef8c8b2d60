namespace Microsoft.ML.LrScheduling.Data;

/// <summary>What is wrong with a row of a view.</summary>
internal enum RowFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its label, its weight or a feature is missing (NaN) or infinite.</summary>
    NotFinite,

    /// <summary>It has more or fewer features than its column says, or names one that there is not.</summary>
    Shape,

    /// <summary>It is sparse and names a feature more than once.</summary>
    Repeated,
}
