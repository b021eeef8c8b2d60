using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>The optimizer states of sixteen weights. An optimizer uses as many of them as it needs.</summary>
internal ref struct UpdateState
{
    public Vector512<float> First;
    public Vector512<float> Second;
    public Vector512<float> Third;
}

/// <summary>The factors of a step in sixteen lanes. They can differ between models.</summary>
internal ref struct UpdateFactors
{
    /// <summary>The negative rate, with the optimizer's correction at this step.</summary>
    public Vector512<float> Rate;

    /// <summary>The factor for the previous momentum buffer.</summary>
    public Vector512<float> Keep;

    /// <summary>The factor for the gradient in the momentum buffer.</summary>
    public Vector512<float> Gain;

    /// <summary>The momentum; zero for none.</summary>
    public Vector512<float> Momentum;

    /// <summary>The factor of a decoupled weight decay, which multiplies the weights.</summary>
    public Vector512<float> Shrink;

    /// <summary>The factor for the previous mean of squared gradients.</summary>
    public Vector512<float> SquareKeep;

    /// <summary>The factor for the squared gradient in that mean.</summary>
    public Vector512<float> SquareGain;

    /// <summary>The bias correction: the root of that mean is divided by it.</summary>
    public Vector512<float> SquareBias;

    /// <summary>The epsilon that is added to divisors.</summary>
    public Vector512<float> Epsilon;
}

/// <summary>The step of an optimizer for sixteen weights at once. A struct, so that it is inlined into the loop over the weights.</summary>
internal interface IUpdateFormula
{
    /// <summary>The number of states per weight.</summary>
    static abstract int StateCount { get; }

    /// <summary>Returns the weights after the step.</summary>
    Vector512<float> Update(Vector512<float> weights, Vector512<float> gradients, ref UpdateState state, in UpdateFactors factors);
}

/// <summary><see cref="Sgd"/> without momentum.</summary>
internal readonly struct PlainSgdFormula : IUpdateFormula
{
    public static int StateCount => 0;

    public Vector512<float> Update(Vector512<float> weights, Vector512<float> gradients, ref UpdateState state, in UpdateFactors factors) =>
        Vector512.FusedMultiplyAdd(factors.Rate, gradients, weights);
}

/// <summary><see cref="Sgd"/> with momentum.</summary>
internal readonly struct MomentumSgdFormula(bool nesterov) : IUpdateFormula
{
    public static int StateCount => 1;

    public Vector512<float> Update(Vector512<float> weights, Vector512<float> gradients, ref UpdateState state, in UpdateFactors factors)
    {
        var momentum = state.First * factors.Keep + gradients * factors.Gain;
        // A schedule can set the momentum to 0. The momentum buffer then does not change.
        var isNone = Vector512.Equals(factors.Momentum, Vector512<float>.Zero);
        state.First = Vector512.ConditionalSelect(isNone, state.First, momentum);
        var direction = nesterov ? gradients + momentum * factors.Momentum : momentum;
        return Vector512.FusedMultiplyAdd(factors.Rate, Vector512.ConditionalSelect(isNone, gradients, direction), weights);
    }
}

/// <summary><see cref="Adam"/> and <see cref="AdamW"/>.</summary>
internal readonly struct AdamFormula(bool amsGrad) : IUpdateFormula
{
    public static int StateCount => 3;

    public Vector512<float> Update(Vector512<float> weights, Vector512<float> gradients, ref UpdateState state, in UpdateFactors factors)
    {
        state.First = state.First * factors.Keep + gradients * factors.Gain;
        state.Second = state.Second * factors.SquareKeep + gradients * gradients * factors.SquareGain;
        if (amsGrad) state.Third = Vector512.Max(state.Third, state.Second);
        var divisors = Vector512.Sqrt(amsGrad ? state.Third : state.Second) / factors.SquareBias + factors.Epsilon;
        return weights * factors.Shrink + factors.Rate * (state.First / divisors);
    }
}

/// <summary><see cref="RmsProp"/>.</summary>
internal readonly struct RmsPropFormula(bool centered) : IUpdateFormula
{
    public static int StateCount => 3;

    public Vector512<float> Update(Vector512<float> weights, Vector512<float> gradients, ref UpdateState state, in UpdateFactors factors)
    {
        state.First = state.First * factors.SquareKeep + gradients * gradients * factors.SquareGain;
        var squares = state.First;
        if (centered)
        {
            state.Second = state.Second * factors.SquareKeep + gradients * factors.SquareGain;
            // The variance of equal gradients is zero, and rounding can make it negative.
            squares = Vector512.Max(squares - state.Second * state.Second, Vector512<float>.Zero);
        }

        var direction = gradients / (Vector512.Sqrt(squares) + factors.Epsilon);
        var isNone = Vector512.Equals(factors.Momentum, Vector512<float>.Zero);
        direction += Vector512.AndNot(state.Third * factors.Momentum, isNone);
        state.Third = Vector512.ConditionalSelect(isNone, state.Third, direction);
        return Vector512.FusedMultiplyAdd(factors.Rate, direction, weights);
    }
}

/// <summary><see cref="Adagrad"/>.</summary>
internal readonly struct AdagradFormula : IUpdateFormula
{
    public static int StateCount => 1;

    public Vector512<float> Update(Vector512<float> weights, Vector512<float> gradients, ref UpdateState state, in UpdateFactors factors)
    {
        state.First += gradients * gradients;
        return Vector512.FusedMultiplyAdd(factors.Rate, gradients / (Vector512.Sqrt(state.First) + factors.Epsilon), weights);
    }
}
