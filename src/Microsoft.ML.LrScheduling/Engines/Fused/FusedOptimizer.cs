using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// The optimizers of all models. One pass computes the new weights from the sums of the gradients: mean, clipping, weight decay, step and
/// L1 shrinkage. It also clears the gradients.
/// </summary>
internal sealed class FusedOptimizer
{
    // Rates are limited, as in the Torch engine, so that they fit into a float even after Adam has divided them by 1 − beta1.
    private const double LargestRate = 1e30;

    // A momentum that no schedule changes has its final factors from the second step on.
    private const int StepsToSettle = 2;

    private readonly IReadOnlyList<ModelSettings> _models;
    private readonly Optimizer _kind;
    private readonly WeightLayout _layout;
    private readonly bool _hasMomentum;
    private readonly bool _clips;
    private readonly bool _clipsNorms;
    private readonly FusedGroup[] _groups;
    private readonly AlignedArray _clippingLimits;
    private readonly AlignedArray _clippingFactors;
    // The bias corrections of the current step, one entry per model.
    private readonly (double Rate, double Root)[] _corrections;
    private readonly bool _corrects;
    private long _step;
    private long _stepsSet;
    private bool _goesByMomenta;

    /// <param name="problem">The problem to train.</param>
    /// <param name="layout">The layout of the weights.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="biases">The biases.</param>
    public FusedOptimizer(LinearProblem problem, WeightLayout layout, FusedGroup weights, FusedGroup biases)
    {
        (_models, _layout, _kind) = (problem.Models, layout, problem.Models[0].Optimizer);
        if (_models.Any(own => !own.Optimizer.Kind.Equals(_kind.Kind)))
            throw new ArgumentException("Models that train together must have optimizers of one kind. Received: "
                + $"{string.Join(", ", _models.Select(own => own.Optimizer).Distinct())}");
        _groups = [weights, biases];
        _hasMomentum = _models.Any(own => own.Optimizer.CycledMomentum is > 0);
        (_clips, _clipsNorms) = (_models.Any(own => own.Clipping is not null), _models.Any(own => own.Clipping?.MaximumNorm is not null));
        (_clippingLimits, _clippingFactors) = (new AlignedArray(layout.LaneLength), new AlignedArray(layout.LaneLength));
        _clippingFactors.Elements.Fill(1);
        _corrections = new (double, double)[_models.Count];
        Array.Fill(_corrections, (1, 1));
        // Step 2 is tested, because some corrections have no effect at the first step.
        _corrects = _models.Any(own => own.Optimizer.CorrectionsAt(step: 2) != (1, 1));
        for (var model = 0; model < _models.Count; model++)
        {
            Set(_clippingLimits, model, _models[model].Clipping?.MaximumValue ?? double.PositiveInfinity);
            foreach (var group in _groups) SetConstants(group, model);
        }
    }

    /// <summary>Begins a step: sets the factors of every model.</summary>
    /// <param name="rates">One rate per model and parameter group.</param>
    /// <param name="momenta">One momentum per model and parameter group; empty for the momenta of the configuration.</param>
    public void Begin(ReadOnlySpan<double> rates, ReadOnlySpan<double> momenta)
    {
        _step++;
        _goesByMomenta = _hasMomentum || !momenta.IsEmpty;
        if (_corrects) SetCorrections();
        for (var group = 0; group < _groups.Length; group++) SetFactors(_groups[group], group, rates, momenta);
        _stepsSet++;
    }

    /// <summary>Takes the step that <see cref="Begin"/> has prepared.</summary>
    /// <param name="gradients">The sums of the weights' gradients over a minibatch. They are set to zero.</param>
    /// <param name="biasGradients">The sums of the biases' gradients. They are set to zero.</param>
    /// <param name="count">The number of rows in the minibatch.</param>
    /// <param name="weightCount">The number of weights, from the first, that have a gradient: whole vectors.</param>
    public void Update(AlignedArray gradients, AlignedArray biasGradients, int count, int weightCount)
    {
        var scale = 1f / count;
        if (_clipsNorms) FindClippingFactors(gradients, biasGradients, scale, weightCount);
        for (var group = 0; group < _groups.Length; group++)
        {
            var (sums, length) = group == ILinearEngine.WeightGroup ? (gradients, weightCount) : (biasGradients, biasGradients.Length);
            switch (_kind)
            {
                case Sgd when !_goesByMomenta:
                    Update(default(PlainSgdFormula), _groups[group], sums, scale, length);
                    break;
                case Sgd sgd:
                    Update(new MomentumSgdFormula(sgd.Nesterov), _groups[group], sums, scale, length);
                    break;
                case AdamBase adam:
                    Update(new AdamFormula(adam.AmsGrad), _groups[group], sums, scale, length);
                    break;
                case RmsProp rms:
                    Update(new RmsPropFormula(rms.Centered), _groups[group], sums, scale, length);
                    break;
                case Adagrad:
                    Update(default(AdagradFormula), _groups[group], sums, scale, length);
                    break;
                default:
                    throw new NotSupportedException($"The fused engine has no update for {_kind}.");
            }
        }
    }

    /// <summary>Writes the weights and optimizer states of a model.</summary>
    public void Save(int model, BinaryWriter writer)
    {
        writer.Write(_step);
        foreach (var group in _groups) group.Save(model, writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The data belongs to different models.</exception>
    public void Load(int model, BinaryReader reader)
    {
        (_step, _stepsSet) = (reader.ReadInt64(), 0);
        foreach (var group in _groups) group.Load(model, reader);
    }

    /// <summary>Writes the biases of a model and their optimizer states.</summary>
    public void SaveBiases(int model, BinaryWriter writer)
    {
        writer.Write(_step);
        _groups[ILinearEngine.BiasGroup].Save(model, writer);
    }

    /// <summary>Reads what <see cref="SaveBiases"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The data belongs to different models.</exception>
    public void LoadBiases(int model, BinaryReader reader)
    {
        (_step, _stepsSet) = (reader.ReadInt64(), 0);
        _groups[ILinearEngine.BiasGroup].Load(model, reader);
    }

    private void SetConstants(FusedGroup group, int model)
    {
        var (factors, optimizer) = (group.Factors, _models[model].Optimizer);
        Set(factors.Decay, model, group.Settings[model].Decay);
        Set(factors.SquareKeep, model, optimizer.SquareAverageDecay);
        Set(factors.SquareGain, model, 1 - optimizer.SquareAverageDecay);
        Set(factors.Epsilon, model, optimizer.DivisorEpsilon);
        if (optimizer.InitialSquare > 0) group.Fill(0, model, (float)optimizer.InitialSquare);
    }

    private void SetCorrections()
    {
        for (var model = 0; model < _models.Count; model++)
        {
            var optimizer = _models[model].Optimizer;
            // Powers can take longer than the rest of a small step, and many models have the same optimizer.
            _corrections[model] = model > 0 && optimizer == _models[model - 1].Optimizer
                ? _corrections[model - 1]
                : optimizer.CorrectionsAt(_step);
        }
    }

    private void SetFactors(FusedGroup own, int group, ReadOnlySpan<double> rates, ReadOnlySpan<double> momenta)
    {
        var (factors, setsMomenta) = (own.Factors, _stepsSet < StepsToSettle || !momenta.IsEmpty);
        for (var model = 0; model < _layout.Models; model++)
        {
            var i = model * ILinearEngine.GroupCount + group;
            var (rate, factor) = (Math.Min(rates[i], LargestRate), _corrections[model].Rate);
            own.Numbers[model] = own.Numbers[model] with { Rate = rate };
            if (setsMomenta)
            {
                var momentum = momenta.IsEmpty ? _models[model].Optimizer.CycledMomentum ?? 0 : momenta[i];
                if (_kind is AdamBase && !momenta.IsEmpty) factor = 1 / (1 - Math.Pow(momentum, _step));
                SetMomentum(own, model, momentum);
            }

            Set(factors.Rate, model, -rate * factor);
            if (_corrects) Set(factors.SquareBias, model, _corrections[model].Root);
            if (own.DecaysApart) Set(factors.Shrink, model, 1 - rate * own.Settings[model].DetachedDecay);
            if (own.Shrinks) Set(factors.Threshold, model, rate * own.Settings[model].L1);
        }
    }

    private void SetMomentum(FusedGroup own, int model, double momentum)
    {
        var (keep, gain) = (momentum, 1 - momentum);
        if (_models[model].Optimizer is Sgd sgd)
        {
            // As in PyTorch, the momentum buffer starts with the first gradient.
            (keep, gain) = own.HasMomentum[model] ? (momentum, 1 - sgd.Dampening) : (0, 1);
            own.HasMomentum[model] |= momentum != 0;
        }

        own.Numbers[model] = own.Numbers[model] with { Momentum = momentum, Keep = keep, Gain = gain };
        Set(own.Factors.Keep, model, keep);
        Set(own.Factors.Gain, model, gain);
        Set(own.Factors.Momentum, model, momentum);
    }

    private void Set(AlignedArray lanes, int model, double value)
    {
        if (_layout.Models == 1) Vector512.Create((float)value).StoreUnsafe(ref lanes.First);
        else lanes.Elements[model] = (float)value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Update<TFormula>(in TFormula formula, FusedGroup group, AlignedArray gradients, float scale, int length)
        where TFormula : struct, IUpdateFormula
    {
        ref var weight = ref group.Values.First;
        ref var gradient = ref gradients.First;
        ref var first = ref TFormula.StateCount > 0 ? ref group.State(0).First : ref Unsafe.NullRef<float>();
        ref var second = ref TFormula.StateCount > 1 ? ref group.State(1).First : ref Unsafe.NullRef<float>();
        ref var third = ref TFormula.StateCount > 2 ? ref group.State(2).First : ref Unsafe.NullRef<float>();
        var factors = group.Factors;
        var (clips, decays, shrinks) = (_clips, group.Decays, group.Shrinks);
        var scales = Vector512.Create(scale);
        var (end, lanes) = ((nuint)length, (nuint)_layout.LaneLength);
        for (nuint lane = 0; lane < lanes; lane += AlignedArray.Lanes)
        {
            var own = new UpdateFactors
            {
                Rate = Vector512.LoadUnsafe(ref factors.Rate.First, lane),
                Keep = Vector512.LoadUnsafe(ref factors.Keep.First, lane),
                Gain = Vector512.LoadUnsafe(ref factors.Gain.First, lane),
                Momentum = Vector512.LoadUnsafe(ref factors.Momentum.First, lane),
                Shrink = Vector512.LoadUnsafe(ref factors.Shrink.First, lane),
                SquareKeep = Vector512.LoadUnsafe(ref factors.SquareKeep.First, lane),
                SquareGain = Vector512.LoadUnsafe(ref factors.SquareGain.First, lane),
                SquareBias = Vector512.LoadUnsafe(ref factors.SquareBias.First, lane),
                Epsilon = Vector512.LoadUnsafe(ref factors.Epsilon.First, lane),
            };
            var decay = Vector512.LoadUnsafe(ref factors.Decay.First, lane);
            var limit = Vector512.LoadUnsafe(ref _clippingLimits.First, lane);
            var threshold = Vector512.LoadUnsafe(ref factors.Threshold.First, lane);
            var clipping = Vector512.LoadUnsafe(ref _clippingFactors.First, lane);
            for (var i = lane; i < end; i += lanes)
            {
                var w = Vector512.LoadUnsafe(ref weight, i);
                var g = Vector512.LoadUnsafe(ref gradient, i) * scales;
                Vector512<float>.Zero.StoreUnsafe(ref gradient, i);
                if (clips) g = Vector512.Min(Vector512.Max(g, -limit), limit) * clipping;
                if (decays) g = Vector512.FusedMultiplyAdd(w, decay, g);

                var state = default(UpdateState);
                if (TFormula.StateCount > 0) state.First = Vector512.LoadUnsafe(ref first, i);
                if (TFormula.StateCount > 1) state.Second = Vector512.LoadUnsafe(ref second, i);
                if (TFormula.StateCount > 2) state.Third = Vector512.LoadUnsafe(ref third, i);
                w = formula.Update(w, g, ref state, own);
                if (TFormula.StateCount > 0) state.First.StoreUnsafe(ref first, i);
                if (TFormula.StateCount > 1) state.Second.StoreUnsafe(ref second, i);
                if (TFormula.StateCount > 2) state.Third.StoreUnsafe(ref third, i);

                if (shrinks) w = Proximal.Shrink(w, threshold);
                w.StoreUnsafe(ref weight, i);
            }
        }
    }

    /// <summary>Computes the factors that limit the norm of each model's gradient.</summary>
    private void FindClippingFactors(AlignedArray gradients, AlignedArray biasGradients, float scale, int weightCount)
    {
        var factors = _clippingFactors.Elements;
        for (var lane = 0; lane < _layout.LaneLength; lane += AlignedArray.Lanes)
        {
            var limit = Vector512.LoadUnsafe(ref _clippingLimits.First, (nuint)lane);
            var (lower, upper) = (Vector512<double>.Zero, Vector512<double>.Zero);
            Add(gradients, weightCount);
            Add(biasGradients, biasGradients.Length);

            if (_layout.Models == 1) factors.Fill((float)Gradients.NormFactor(Vector512.Sum(lower + upper), _models[0].Clipping));
            else
                for (var model = lane; model < Math.Min(lane + AlignedArray.Lanes, _layout.Models); model++)
                    factors[model] = (float)Gradients.NormFactor(
                        model - lane < 8 ? lower[model - lane] : upper[model - lane - 8], _models[model].Clipping);

            void Add(AlignedArray sums, int length)
            {
                for (var i = lane; i < length; i += _layout.LaneLength)
                {
                    var g = Vector512.Min(Vector512.Max(Vector512.LoadUnsafe(ref sums.First, (nuint)i) * scale, -limit), limit);
                    var (low, high) = Vector512.Widen(g);
                    lower += low * low;
                    upper += high * high;
                }
            }
        }
    }
}
