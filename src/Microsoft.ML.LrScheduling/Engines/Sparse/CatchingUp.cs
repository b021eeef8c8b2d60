using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// Applies the skipped steps to the copied weights, except for the part that is in the common scale of the weights.
/// </summary>
internal sealed unsafe class CatchingUp
{
    private readonly WeightLayout _layout;
    private readonly SparseRule _rule;
    private readonly bool _shrinks;
    private readonly LeftOutSteps _leftOut;
    private readonly FadingPowers? _powers;
    private readonly ITakenOut _taken;

    /// <param name="layout">The layout of the weights.</param>
    /// <param name="rule">What the optimizer does to a weight at a step that skips it.</param>
    /// <param name="shrinks">Whether there is an L1 penalty λ · ‖w‖₁.</param>
    /// <param name="leftOut">The skipped steps.</param>
    /// <param name="squareKeeps">For each model, the decay of the running mean of squares per step.</param>
    /// <param name="taken">The copied weights.</param>
    public CatchingUp(
        WeightLayout layout, SparseRule rule, bool shrinks, LeftOutSteps leftOut, IEnumerable<double> squareKeeps, ITakenOut taken)
    {
        (_layout, _rule, _shrinks, _leftOut, _taken) = (layout, rule, shrinks, leftOut, taken);
        if (rule.Fading.Length > 0) _powers = new FadingPowers([.. squareKeeps], leftOut.Capacity);
    }

    /// <summary>Applies the skipped steps.</summary>
    /// <param name="upToDate">For each place, the number of steps after which its feature was last up to date.</param>
    public void Apply(ReadOnlySpan<int> upToDate)
    {
        if (_leftOut.Count == 0) return;
        if (_layout.IsVector)
        {
            ApplyToVectors(upToDate);
            return;
        }

        for (var place = 0; place < upToDate.Length; place++)
            if (upToDate[place] is var steps && steps != _leftOut.Count)
                for (var model = 0; model < _layout.Models; model++)
                    Apply(place, model, steps);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApplyToVectors(ReadOnlySpan<int> upToDate)
    {
        var (steps, now) = (_leftOut, _leftOut.Count);
        var weights = (float*)_taken.Weights;
        if (_rule.Carried >= 0) steps.CarryOn(upToDate, weights, (float*)_taken.State(_rule.Carried));

        foreach (var fading in _rule.Fading)
        {
            var state = (float*)_taken.State(fading);
            for (var (place, count) = (0, upToDate.Length); place < count; place++)
                state[place] = Wide.ToSingle(CarryBeyondOne.WithoutFaded(
                    Wide.Of(state[place]) * Vector128.CreateScalarUnsafe(_powers!.Of(0, now - upToDate[place]))));
        }

        for (var (place, count) = (0, _shrinks ? upToDate.Length : 0); place < count; place++)
            weights[place] = Proximal.Shrink(weights[place], steps.Threshold(0, upToDate[place]));
    }

    private void Apply(int place, int model, int steps)
    {
        var (first, step) = (place * _layout.Stride + _layout.ColumnOf(model, 0), _layout.PaddedModels);
        var end = first + _layout.Outputs * step;
        var weights = (float*)_taken.Weights;
        if (_rule.Carried >= 0)
        {
            var carried = (float*)_taken.State(_rule.Carried);
            for (var i = first; i < end; i += step) _leftOut.CarryOn(model, steps, ref weights[i], ref carried[i]);
        }

        foreach (var fading in _rule.Fading)
        {
            var state = (float*)_taken.State(fading);
            var power = _powers!.Of(model, _leftOut.Count - steps);
            for (var i = first; i < end; i += step) state[i] = CarryBeyondOne.Faded(state[i] * power);
        }

        if (!_shrinks) return;
        var threshold = _leftOut.Threshold(model, steps);
        for (var i = first; i < end; i += step) weights[i] = Proximal.Shrink(weights[i], threshold);
    }
}
