using Microsoft.ML.LrScheduling.Optimizers;
using System.Runtime.Intrinsics;

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
internal readonly struct AdamFormula(AdamBase adam, long step) : IUpdateFormula
{
    private readonly float _keep = (float)adam.Beta2;
    private readonly float _gain = (float)(1 - adam.Beta2);
    private readonly float _correction = (float)Math.Sqrt(1 - Math.Pow(adam.Beta2, step));
    private readonly float _epsilon = (float)adam.Epsilon;
    private readonly bool _amsGrad = adam.AmsGrad;

    public static int StateCount => 3;

    public Vector512<float> Update(Vector512<float> weights, Vector512<float> gradients, ref UpdateState state, in UpdateFactors factors)
    {
        state.First = state.First * factors.Keep + gradients * factors.Gain;
        state.Second = state.Second * _keep + gradients * gradients * _gain;
        if (_amsGrad) state.Third = Vector512.Max(state.Third, state.Second);
        var divisors = Vector512.Sqrt(_amsGrad ? state.Third : state.Second) / _correction + Vector512.Create(_epsilon);
        return weights * factors.Shrink + factors.Rate * (state.First / divisors);
    }
}

/// <summary><see cref="RmsProp"/>.</summary>
internal readonly struct RmsPropFormula(RmsProp rms) : IUpdateFormula
{
    private readonly float _keep = (float)rms.Alpha;
    private readonly float _gain = (float)(1 - rms.Alpha);
    private readonly float _epsilon = (float)rms.Epsilon;
    private readonly bool _centered = rms.Centered;

    public static int StateCount => 3;

    public Vector512<float> Update(Vector512<float> weights, Vector512<float> gradients, ref UpdateState state, in UpdateFactors factors)
    {
        state.First = state.First * _keep + gradients * gradients * _gain;
        var squares = state.First;
        if (_centered)
        {
            state.Second = state.Second * _keep + gradients * _gain;
            // Of gradients that are all alike the variance is zero, and rounding may make it less.
            squares = Vector512.Max(squares - state.Second * state.Second, Vector512<float>.Zero);
        }

        var direction = gradients / (Vector512.Sqrt(squares) + Vector512.Create(_epsilon));
        var isNone = Vector512.Equals(factors.Momentum, Vector512<float>.Zero);
        direction += Vector512.AndNot(state.Third * factors.Momentum, isNone);
        state.Third = Vector512.ConditionalSelect(isNone, state.Third, direction);
        return Vector512.FusedMultiplyAdd(factors.Rate, direction, weights);
    }
}

/// <summary><see cref="Adagrad"/>.</summary>
internal readonly struct AdagradFormula(Adagrad adagrad) : IUpdateFormula
{
    private readonly float _epsilon = (float)adagrad.Epsilon;

    public static int StateCount => 1;

    public Vector512<float> Update(Vector512<float> weights, Vector512<float> gradients, ref UpdateState state, in UpdateFactors factors)
    {
        state.First += gradients * gradients;
        return Vector512.FusedMultiplyAdd(factors.Rate, gradients / (Vector512.Sqrt(state.First) + Vector512.Create(_epsilon)), weights);
    }
}
