using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.ML.LrScheduling.Arguments;
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
    /// Its parameters, 32-bit floats; <see cref="OptimizerOptions"/> with its learning rate, or none for the one that the optimizer was
    /// made with.
    /// </param>
    /// <exception cref="ArgumentException">
    /// There are no parameters, or some are not 32-bit floats, or are in a group already; or the options are those of another optimizer.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The learning rate is negative, NaN or infinite.</exception>
    public override void add_param_group(ParamGroup param_group)
    {
        ArgumentNullException.ThrowIfNull(param_group);
        Parameter[] all = [.. param_group.Parameters ?? []];
        if (all.Length == 0)
            throw new ArgumentException("parameters must have at least one parameter. Received: none", nameof(param_group));
        if (all.Concat(parameters()).GroupBy(parameter => parameter.Handle).Any(same => same.Count() > 1))
            throw new ArgumentException("parameters must each be in one parameter group, once. Received: one twice", nameof(param_group));
        if (param_group.Options is { } own && own.GetType() != typeof(OptimizerOptions))
            throw new ArgumentException(
                "Options of a parameter group must be OptimizerOptions with a LearningRate: all else is as the optimizer's settings "
                + "have it. "
                + $"Received: {own.GetType().DeclaringType?.Name}.{own.GetType().Name}", nameof(param_group));
        if (Array.Find(all, parameter => parameter.dtype != torch.ScalarType.Float32) is { } other)
            throw new ArgumentException($"parameters must be of 32-bit floats. Received: one of {other.dtype}", nameof(param_group));
        var rate = Argument.NonNegative(param_group.Options?.LearningRate ?? _learningRate, "learningRate");
        _groups.Add(new UpdatedGroup(_optimizer, all, rate));
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
    /// <exception cref="InvalidOperationException">A gradient is sparse.</exception>
    public override torch.Tensor? step(Func<torch.Tensor>? closure = null)
    {
        ObjectDisposedException.ThrowIf(_groups.Count == 0, this);
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
        writer.Write($"{_optimizer}");
        foreach (var size in Sizes()) writer.Write(size);
        using var states = new MemoryStream();
        foreach (var group in _groups) group.Save(new BinaryWriter(states));
        writer.Write(states.Length);
        writer.Write(SHA256.HashData(states.GetBuffer().AsSpan(0, (int)states.Length)));
        writer.Write(states.GetBuffer(), 0, (int)states.Length);
    }

    /// <summary>Takes over what <see cref="Save"/> of an optimizer of the same settings wrote, for parameters of the same shapes.</summary>
    /// <param name="reader">Gives it.</param>
    /// <exception cref="InvalidDataException">
    /// It is of another optimizer, of other settings or parameters, or damaged; the optimizer is then as it was.
    /// </exception>
    public void Load(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        try
        {
            var settings = reader.ReadString();
            if (settings != $"{_optimizer}")
                throw new InvalidDataException($"What is loaded must be of {_optimizer}. Received: that of {settings}");
            foreach (var size in Sizes())
                if (reader.ReadInt64() is var saved && saved != size)
                    throw new InvalidDataException(
                        $"What is loaded must be of as many parameters, of the same sizes: {size} where it has {saved}");
            var length = reader.ReadInt64();
            var hash = reader.ReadBytes(SHA256.HashSizeInBytes);
            var states = reader.ReadBytes((int)Math.Clamp(length, 0, int.MaxValue));
            if (states.Length != length || !SHA256.HashData(states).AsSpan().SequenceEqual(hash))
                throw new InvalidDataException("What is loaded is cut short or damaged: its checksum does not match.");
            using var own = new BinaryReader(new MemoryStream(states));
            foreach (var group in _groups) group.Load(own);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("What is loaded is cut short, or not what Save wrote.", e);
        }
    }

    /// <summary>The settings, and the rate of each group.</summary>
    public override string ToString() =>
        $"{_optimizer}: rates "
        + $"[{string.Join(", ", _groups.Select(group => group.LearningRate.ToString("G4", CultureInfo.InvariantCulture)))}]";

    private IEnumerable<long> Sizes() => parameters().Select(parameter => parameter.numel()).Prepend(_groups.Count);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        foreach (var group in _groups) group.Dispose();
        _groups.Clear();
    }
}
