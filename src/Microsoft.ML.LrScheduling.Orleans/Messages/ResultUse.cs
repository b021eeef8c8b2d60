namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>What the study does with results that a worker has stored.</summary>
internal enum ResultUse
{
    /// <summary>They count, or equal results were there before.</summary>
    Counted,

    /// <summary>They are not used, because the batch was split meanwhile. The states of trials are still useful.</summary>
    OfTrialsTakenApart,

    /// <summary>Neither results nor states are used: the study is over.</summary>
    OfNobody,
}
