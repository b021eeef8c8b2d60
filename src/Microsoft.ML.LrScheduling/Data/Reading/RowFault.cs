namespace Microsoft.ML.LrScheduling.Data;

/// <summary>The fault of a row in a data view.</summary>
internal enum RowFault
{
    /// <summary>The row is valid.</summary>
    None,

    /// <summary>The label, the weight or a feature is missing (NaN) or infinite.</summary>
    NotFinite,

    /// <summary>The number of features differs from the type of the column, or an index is out of range.</summary>
    Shape,

    /// <summary>The row is sparse and contains a feature more than once.</summary>
    Repeated,
}
