using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.LrScheduling.Loops;

/// <summary>
/// An optimizer for a training loop of one's own, whose steps are those of PyTorch. <see cref="LoopExtensions.ToTorch"/> makes it.
/// Dispose of it as of any optimizer of TorchSharp.
/// </summary>
[SuppressMessage("Naming", "CA1707", Justification = "These names are TorchSharp's.")]
[SuppressMessage("Style", "IDE1006", Justification = "These names are TorchSharp's.")]
public sealed class LoopOptimizer : torch.optim.Optimizer
{
    private readonly Optimizer _optimizer;
    private readonly double _learningRate;
    private readonly List<UpdatedGroup> _groups = [];

    /// <param name="optimizer">The settings.</param>
    /// <param name="learningRate">The learning rate of groups that have none of their own.</param>
    internal LoopOptimizer(Optimizer optimizer, double learningRate)
        : base(IntPtr.Zero) => (_optimizer, _learningRate) = (optimizer, learningRate);

    /// <summary>The parameter groups.</summary>
    public override IEnumerable<torch.optim.ILearningRateController> ParamGroups => _groups;

    /// <summary>The parameters of all groups.</summary>
    public override IEnumerable<Parameter> parameters() => _groups.SelectMany(group => group.Parameters);

    /// <summary>Adds a parameter group.</summary>
    /// <param name="param_group">
    /// Its parameters, 32-bit floats; the learning rate of its options, or none for that of the first group.
    /// </param>
    /// <exception cref="ArgumentException">There are no parameters, or some are not 32-bit floats.</exception>
    public override void add_param_group(ParamGroup param_group)
    {
        ArgumentNullException.ThrowIfNull(param_group);
        Parameter[] all = [.. param_group.Parameters ?? []];
        if (all.Length == 0)
            throw new ArgumentException("parameters must have at least one parameter. Received: none", nameof(param_group));
        if (Array.Find(all, parameter => parameter.dtype != torch.ScalarType.Float32) is { } other)
            throw new ArgumentException($"parameters must be of 32-bit floats. Received: one of {other.dtype}", nameof(param_group));
        _groups.Add(new UpdatedGroup(_optimizer, all, param_group.Options?.LearningRate ?? _learningRate));
    }

    /// <summary>Sets all gradients to zero.</summary>
    public override void zero_grad()
    {
        foreach (var parameter in parameters())
        {
            using var gradient = parameter.grad;
            gradient?.zero_();
        }
    }

    /// <summary>Takes a step with the gradients there are.</summary>
    /// <param name="closure">Computes the gradients, and gives the loss; null where that has been done.</param>
    /// <returns>The loss of the closure; null without one.</returns>
    public override torch.Tensor? step(Func<torch.Tensor>? closure = null)
    {
        torch.Tensor? loss = null;
        if (closure is not null)
            using (torch.enable_grad())
                loss = closure();
        using (torch.no_grad())
        using (torch.NewDisposeScope())
            foreach (var group in _groups)
                group.Step();
        return loss;
    }

    /// <summary>
    /// Writes what the optimizer remembers of each parameter: momenta, means of squares, and how many steps it has taken.
    /// </summary>
    /// <param name="writer">Receives it.</param>
    public void Save(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        foreach (var group in _groups) group.Save(writer);
    }

    /// <summary>Takes over what <see cref="Save"/> of an optimizer of the same settings wrote, for parameters of the same shapes.</summary>
    /// <param name="reader">Gives it.</param>
    /// <exception cref="EndOfStreamException">It is of fewer or of smaller parameters.</exception>
    public void Load(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        foreach (var group in _groups) group.Load(reader);
    }

    /// <summary>The settings, and the rate of each group.</summary>
    public override string ToString() =>
        $"{_optimizer}: rates "
        + $"[{string.Join(", ", _groups.Select(group => group.LearningRate.ToString("G4", CultureInfo.InvariantCulture)))}]";

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        foreach (var group in _groups) group.Dispose();
        _groups.Clear();
    }
}
