using Microsoft.ML.LrScheduling.Engines.Sparse;
using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// An optimizer's update of one parameter group, as operations of libtorch in place, in the order in which PyTorch does them.
/// (TorchSharp's own optimizers make temporary Scalars at every step; see <see cref="HeldScalar"/>.)
/// </summary>
internal abstract class TorchUpdate : IDisposable
{
    private readonly TorchPlace _place;
    private readonly double _decay;
    private readonly List<TensorBuffer> _states = [];
    private readonly TensorBuffer?[] _byNumber = new TensorBuffer?[3];
    private readonly HeldScalar _decayScalar = new();

    /// <param name="place">Where the tensors are.</param>
    /// <param name="values">What is updated.</param>
    /// <param name="gradient">Its gradient, which an update may overwrite.</param>
    /// <param name="decay">λ of the decay g ← g + λ · w.</param>
    protected TorchUpdate(TorchPlace place, torch.Tensor values, torch.Tensor gradient, double decay) =>
        (_place, Values, Gradient, _decay) = (place, values, gradient, decay);

    /// <summary>What is updated.</summary>
    protected torch.Tensor Values { get; }

    /// <summary>Its gradient.</summary>
    protected torch.Tensor Gradient { get; }

    /// <summary>The steps made, from 1 during the first.</summary>
    protected long StepCount { get; private set; }

    /// <summary>The numbers of the last step.</summary>
    public StepNumbers Numbers { get; protected set; }

    /// <summary>The update of a configuration.</summary>
    /// <param name="optimizer">The configuration.</param>
    /// <param name="place">Where the tensors are.</param>
    /// <param name="values">What is updated.</param>
    /// <param name="gradient">Its gradient, which an update may overwrite.</param>
    /// <param name="l2">λ of the penalty λ/2 · ‖w‖².</param>
    /// <param name="decays">Whether the optimizer's own decay concerns these values.</param>
    public static TorchUpdate Of(Optimizer optimizer, TorchPlace place, torch.Tensor values, torch.Tensor gradient, double l2, bool decays)
    {
        // The penalty's gradient is λ · w, which is what torch.optim calls weight decay.
        var decay = l2 + (decays ? optimizer.GradientDecay : 0);
        return optimizer switch
        {
            Sgd sgd => new SgdUpdate(sgd, place, values, gradient, decay),
            AdamW adam => new AdamUpdate(adam, decays ? adam.WeightDecay : 0, place, values, gradient, decay),
            AdamBase adam => new AdamUpdate(adam, 0, place, values, gradient, decay),
            RmsProp rms => new RmsPropUpdate(rms, place, values, gradient, decay),
            Adagrad adagrad => new AdagradUpdate(adagrad, place, values, gradient, decay),
            var other => throw new NotSupportedException($"The Torch engine has no update for {other}."),
        };
    }

    /// <summary>One step.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="momentum">The momentum (of Adam its beta1); null for that of the configuration.</param>
    public void Step(double rate, double? momentum)
    {
        StepCount++;
        Numbers = new StepNumbers(rate, 0, 0, 0);
        if (_decay > 0) Gradient.add_(Values, _decayScalar.Of(_decay));
        Update(rate, momentum);
    }

    /// <summary>What is remembered of each value.</summary>
    /// <param name="i">Its number: see <see cref="SparseRule.States"/>.</param>
    public TensorBuffer State(int i) => _byNumber[i]!;

    /// <summary>Lets the tensors have what was written to the states.</summary>
    public void StatesToDevice()
    {
        foreach (var state in _states) state.ToDevice();
    }

    /// <summary>Takes off what the states have become.</summary>
    public void StatesToHost()
    {
        foreach (var state in _states) state.ToHost();
    }

    /// <summary>Goes on with the steps of another update of the same configuration; what it remembers is not taken over.</summary>
    public virtual void GoOnFrom(TorchUpdate other) => StepCount = other.StepCount;

    /// <summary>Writes how far steps have come.</summary>
    public virtual void SaveSteps(BinaryWriter writer) => writer.Write(StepCount);

    /// <summary>Takes over what <see cref="SaveSteps"/> wrote.</summary>
    public virtual void LoadSteps(BinaryReader reader) => StepCount = reader.ReadInt64();

    /// <summary>Writes what the optimizer remembers.</summary>
    public void Save(BinaryWriter writer)
    {
        SaveSteps(writer);
        foreach (var state in _states)
        {
            state.ToHost();
            state.Write(writer);
        }
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    public void Load(BinaryReader reader)
    {
        LoadSteps(reader);
        foreach (var state in _states)
        {
            state.Read(reader);
            state.ToDevice();
        }
    }

    public virtual void Dispose()
    {
        foreach (var state in _states) state.Dispose();
        _decayScalar.Dispose();
    }

    /// <summary>One step, with the gradient as it is now.</summary>
    protected abstract void Update(double rate, double? momentum);

    /// <summary>A tensor like <see cref="Values"/> that is remembered from step to step.</summary>
    /// <param name="i">Its number: see <see cref="SparseRule.States"/>.</param>
    /// <param name="initial">What its elements begin with.</param>
    protected torch.Tensor Remember(int i, double initial = 0)
    {
        var state = new TensorBuffer(Tensors.Zeros(_place, Values.shape), _place);
        _states.Add(_byNumber[i] = state);
        state.Elements.Fill((float)initial);
        state.ToDevice();
        return state.Tensor;
    }
}
