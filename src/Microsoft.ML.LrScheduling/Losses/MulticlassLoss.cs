using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>A loss for multiclass classification: a function of the scores of all classes and of the true class.</summary>
[TypeConverter(typeof(KindConverter))]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(CrossEntropyLoss), "CrossEntropy")]
public abstract record MulticlassLoss : Loss
{
    private protected MulticlassLoss()
    {
    }

    /// <summary>The cross-entropy of the softmax of the scores. See <see cref="CrossEntropyLoss"/>.</summary>
    /// <param name="labelSmoothing">The part of the target that is spread over all classes, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The argument is outside its range.</exception>
    public static CrossEntropyLoss CrossEntropy(double labelSmoothing = 0) => new() { LabelSmoothing = labelSmoothing };
}
