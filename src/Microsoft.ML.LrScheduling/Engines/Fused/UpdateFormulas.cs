using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>What an optimizer remembers of sixteen weights; it uses as many as it needs.</summary>
internal ref struct UpdateState
{
    public Vector512<float> First;
    public Vector512<float> Second;
    public Vector512<float> Third;
}

/// <summary>The factors of a step, which differ from model to model, in sixteen lanes.</summary>
internal ref struct UpdateFactors
{
    /// <summary>The rate with its sign turned, with what the optimizer makes of it at this step.</summary>
    public Vector512<float> Rate;

    /// <summary>What is kept of the momentum.</summary>
    public Vector512<float> Keep;

    /// <summary>What of the gradient is added to the momentum.</summary>
    public Vector512<float> Gain;

    /// <summary>The momentum; zero for none.</summary>
    public Vector512<float> Momentum;

    /// <summary>What weights are multiplied with before the step.</summary>
    public Vector512<float> Shrink;

    /// <summary>What is kept of the mean of squared gradients.</summary>
    public Vector512<float> SquareKeep;

    /// <summary>What of a squared gradient is added to it.</summary>
    public Vector512<float> SquareGain;

    /// <summary>What its root is divided by.</summary>
    public Vector512<float> SquareBias;

    /// <summary>What keeps divisors from zero.</summary>
    public Vector512<float> Epsilon;
}

/// <summary>An optimizer's step, of sixteen weights at once. A structure, so that it becomes part of the loop over the weights.</summary>
internal interface IUpdateFormula
{
    /// <summary>How many numbers are remembered of each weight.</summary>
    static abstract int StateCount { get; }

    /// <summary>The weights after the step.</summary>
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
        // A schedule may cycle the momentum down to none, which leaves what is remembered alone.
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
            // Of gradients that are all alike the variance is zero, and rounding may make it less.
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
