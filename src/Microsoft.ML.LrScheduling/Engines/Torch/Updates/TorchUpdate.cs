using Microsoft.ML.LrScheduling.Engines.Sparse;
using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// The step of an optimizer for one parameter group. It consists of in-place operations of libtorch, in the same order as in PyTorch.
/// TorchSharp's own optimizers are not used, because they create temporary scalars at every step: see <see cref="HeldScalar"/>.
/// </summary>
internal abstract class TorchUpdate : IDisposable
{
    private readonly TorchPlace _place;
    private readonly double _decay;
    private readonly List<TensorBuffer> _states = [];
    private readonly TensorBuffer?[] _byNumber = new TensorBuffer?[3];
    private readonly HeldScalar _decayScalar = new();

    /// <param name="place">The device of the tensors.</param>
    /// <param name="values">The parameters.</param>
    /// <param name="gradient">Their gradient, which the step may overwrite.</param>
    /// <param name="decay">λ of the decay g ← g + λ · w.</param>
    protected TorchUpdate(TorchPlace place, torch.Tensor values, torch.Tensor gradient, double decay) =>
        (_place, Values, Gradient, _decay) = (place, values, gradient, decay);

    /// <summary>The parameters.</summary>
    protected torch.Tensor Values { get; }

    /// <summary>The gradient of the parameters.</summary>
    protected torch.Tensor Gradient { get; }

    /// <summary>The number of the current step, from 1.</summary>
    protected long StepCount { get; private set; }

    /// <summary>The numbers of the last step.</summary>
    public StepNumbers Numbers { get; protected set; }

    /// <summary>Creates the update of an optimizer.</summary>
    /// <param name="optimizer">The configuration of the optimizer.</param>
    /// <param name="place">The device of the tensors.</param>
    /// <param name="values">The parameters.</param>
    /// <param name="gradient">Their gradient, which the step may overwrite.</param>
    /// <param name="l2">λ of the penalty λ/2 · ‖w‖².</param>
    /// <param name="decays">Whether the weight decay of the optimizer applies to these parameters.</param>
    public static TorchUpdate Of(Optimizer optimizer, TorchPlace place, torch.Tensor values, torch.Tensor gradient, double l2, bool decays)
    {
        // The penalty's gradient is λ · w, which is what torch.optim calls weight decay.
        var decay = l2 + (decays ? optimizer.CoupledWeightDecay : 0);
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

    /// <summary>Takes one step.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="momentum">The momentum (for Adam, beta1); null for the momentum of the configuration.</param>
    public void Step(double rate, double? momentum)
    {
        StepCount++;
        Numbers = new StepNumbers(rate, 0, 0, 0);
        if (_decay > 0) Gradient.add_(Values, _decayScalar.Of(_decay));
        Update(rate, momentum);
    }

    /// <summary>Returns an optimizer state, with one value per parameter.</summary>
    /// <param name="i">The number of the state: see <see cref="SparseRule.States"/>.</param>
    public TensorBuffer State(int i) => _byNumber[i]!;

    /// <summary>Copies the states from host memory to the device.</summary>
    public void StatesToDevice()
    {
        foreach (var state in _states) state.ToDevice();
    }

    /// <summary>Copies the states from the device to host memory.</summary>
    public void StatesToHost()
    {
        foreach (var state in _states) state.ToHost();
    }

    /// <summary>Continues the step count of another update of the same configuration. The states are not copied.</summary>
    public virtual void GoOnFrom(TorchUpdate other) => StepCount = other.StepCount;

    /// <summary>Writes the number of steps.</summary>
    public virtual void SaveSteps(BinaryWriter writer) => writer.Write(StepCount);

    /// <summary>Reads what <see cref="SaveSteps"/> wrote.</summary>
    public virtual void LoadSteps(BinaryReader reader) => StepCount = reader.ReadInt64();

    /// <summary>Writes the steps and the states.</summary>
    public void Save(BinaryWriter writer)
    {
        SaveSteps(writer);
        foreach (var state in _states)
        {
            state.ToHost();
            state.Write(writer);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
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

    /// <summary>Takes one step, with the current gradient.</summary>
    protected abstract void Update(double rate, double? momentum);

    /// <summary>Creates a state: a tensor of the shape of <see cref="Values"/> that is kept between steps.</summary>
    /// <param name="i">The number of the state: see <see cref="SparseRule.States"/>.</param>
    /// <param name="initial">The initial value of its elements.</param>
    protected torch.Tensor Remember(int i, double initial = 0)
    {
        var state = new TensorBuffer(Tensors.Zeros(_place, Values.shape), _place);
        _states.Add(_byNumber[i] = state);
        state.Elements.Fill((float)initial);
        state.ToDevice();
        return state.Tensor;
    }
}
