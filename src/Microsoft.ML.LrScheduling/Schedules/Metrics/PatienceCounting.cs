namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>How patience and cooldown are counted.</summary>
public enum PatienceCounting
{
    /// <summary>
    /// As in PyTorch: the rate is reduced after more consecutive bad epochs than the patience. During a cooldown bad epochs do not count,
    /// but the best metric is updated.
    /// </summary>
    PyTorch,

    /// <summary>As in Keras: the rate is reduced after as many bad epochs as the patience. The last epoch of a cooldown counts.</summary>
    Keras,

    /// <summary>As in PaddlePaddle: the same as PyTorch, but the metrics of a cooldown are ignored.</summary>
    Paddle,

    /// <summary>
    /// As the adaptive rate of scikit-learn's <c>SGDClassifier</c> and <c>SGDRegressor</c>: the rate is reduced after as many consecutive
    /// bad epochs as the patience. The best metric is updated even if the improvement is smaller than the threshold.
    /// </summary>
    ScikitLearn,
}
