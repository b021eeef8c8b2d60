namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>What becomes of results that a worker says are kept.</summary>
internal enum ResultUse
{
    /// <summary>They count, or those before them that are the same.</summary>
    Counted,

    /// <summary>Nobody wants these, since their trials were taken apart; where trials stand is of use.</summary>
    OfTrialsTakenApart,

    /// <summary>Nobody wants anything of them: the study is over.</summary>
    OfNobody,
}
