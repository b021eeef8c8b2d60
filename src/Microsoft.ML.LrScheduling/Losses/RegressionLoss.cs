using System.Text.Json.Serialization;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>A loss of a regression: a function of the score <c>s</c> and the label <c>y</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(SquaredLoss), "Squared")]
[JsonDerivedType(typeof(AbsoluteLoss), "Absolute")]
[JsonDerivedType(typeof(HuberLoss), "Huber")]
[JsonDerivedType(typeof(PoissonLoss), "Poisson")]
[JsonDerivedType(typeof(QuantileLoss), "Quantile")]
public abstract record RegressionLoss : ScalarLoss
{
    private protected RegressionLoss()
    {
    }

    /// <summary><c>(s − y)²</c>: the mean is predicted. See <see cref="SquaredLoss"/>.</summary>
    public static SquaredLoss Squared() => new();

    /// <summary><c>|s − y|</c>: the median is predicted. See <see cref="AbsoluteLoss"/>.</summary>
    public static AbsoluteLoss Absolute() => new();

    /// <summary>Squared near the label, absolute far from it. See <see cref="HuberLoss"/>.</summary>
    /// <param name="delta">The error from which on it is a straight line, in (0, ∞).</param>
    /// <exception cref="ArgumentOutOfRangeException">The argument is outside its range.</exception>
    public static HuberLoss Huber(double delta = 1.0) => new() { Delta = delta };

    /// <summary><c>exp(s) − y · s</c>: counts are predicted. See <see cref="PoissonLoss"/>.</summary>
    public static PoissonLoss Poisson() => new();

    /// <summary>The pinball loss: a quantile is predicted. See <see cref="QuantileLoss"/>.</summary>
    /// <param name="level">The level of the quantile, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The argument is outside its range.</exception>
    public static QuantileLoss Quantile(double level = 0.5) => new() { Level = level };

    /// <summary>What a score predicts.</summary>
    internal virtual double Predict(double score) => score;
}
