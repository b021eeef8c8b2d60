using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.LrScheduling.Loops;

/// <summary>
/// An optimizer for your own training loop. Its steps are the same as those of PyTorch. <see cref="LoopExtensions.ToTorch"/> creates it.
/// Dispose it like any TorchSharp optimizer.
/// </summary>
[SuppressMessage("Naming", "CA1707", Justification = "These names are TorchSharp's.")]
[SuppressMessage("Style", "IDE1006", Justification = "These names are TorchSharp's.")]
public sealed class LoopOptimizer : torch.optim.Optimizer
{
    private readonly Optimizer _optimizer;
    private readonly double _learningRate;
    private readonly List<UpdatedGroup> _groups = [];

    /// <param name="optimizer">The settings.</param>
    /// <param name="learningRate">The learning rate of groups whose options do not set one.</param>
    internal LoopOptimizer(Optimizer optimizer, double learningRate)
        : base(IntPtr.Zero) => (_optimizer, _learningRate) = (optimizer, learningRate);

    /// <summary>The parameter groups.</summary>
    public override IEnumerable<torch.optim.ILearningRateController> ParamGroups => _groups;

    /// <summary>The parameters of all groups.</summary>
    public override IEnumerable<Parameter> parameters() => _groups.SelectMany(group => group.Parameters);

    /// <summary>Adds a parameter group.</summary>
    /// <param name="param_group">
    /// The group. Its parameters must be 32-bit floats. Its <see cref="OptimizerOptions"/> contain its learning rate; without options the
    /// group has the learning rate of the optimizer.
    /// </param>
    /// <exception cref="ArgumentException">
    /// There are no parameters; a parameter is not a 32-bit float, or is already in a group; or the options belong to another optimizer.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The learning rate is negative, NaN or infinite.</exception>
    public override void add_param_group(ParamGroup param_group)
    {
        ArgumentNullException.ThrowIfNull(param_group);
        Parameter[] all = [.. param_group.Parameters ?? []];
        if (all.Length == 0)
            throw new ArgumentException("parameters must have at least one parameter. Received: none", nameof(param_group));
        if (all.Concat(parameters()).GroupBy(parameter => parameter.Handle).Any(same => same.Count() > 1))
            throw new ArgumentException(
                "Each parameter must be in only one parameter group. Received: one in two, or twice in one", nameof(param_group));
        if (param_group.Options is { } own && own.GetType() != typeof(OptimizerOptions))
            throw new ArgumentException(
                "Options of a parameter group must be OptimizerOptions with a LearningRate: the settings of the optimizer hold for "
                + "all groups. "
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

    /// <summary>Takes a step with the current gradients.</summary>
    /// <param name="closure">
    /// A function that computes the gradients and returns the loss; null if the gradients have already been computed.
    /// </param>
    /// <returns>The loss that the closure returned; null without a closure.</returns>
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

    /// <summary>Writes the state of the optimizer for each parameter: momenta, averages of squares, and the number of steps.</summary>
    /// <param name="writer">The writer that receives the state.</param>
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

    /// <summary>
    /// Reads the state that <see cref="Save"/> wrote for an optimizer with the same settings and parameters of the same shapes.
    /// </summary>
    /// <param name="reader">The reader of the state.</param>
    /// <exception cref="InvalidDataException">
    /// The state is for a different optimizer, different settings or different parameters, or it is damaged. The optimizer is then not
    /// changed.
    /// </exception>
    public void Load(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        try
        {
            var settings = reader.ReadString();
            if (settings != $"{_optimizer}")
                throw new InvalidDataException($"The state must be that of {_optimizer}. Received: that of {settings}");
            foreach (var size in Sizes())
                if (reader.ReadInt64() is var saved && saved != size)
                    throw new InvalidDataException(
                        $"The state must be for the same parameters: {size} is needed where it has {saved}");
            var length = reader.ReadInt64();
            var hash = reader.ReadBytes(SHA256.HashSizeInBytes);
            var states = reader.ReadBytes((int)Math.Clamp(length, 0, int.MaxValue));
            if (states.Length != length || !SHA256.HashData(states).AsSpan().SequenceEqual(hash))
                throw new InvalidDataException("The state is truncated or damaged: its checksum does not match.");
            using var own = new BinaryReader(new MemoryStream(states));
            foreach (var group in _groups) group.Load(own);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("The state is truncated, or was not written by Save.", e);
        }
    }

    /// <summary>Returns the settings and the learning rate of each group as text.</summary>
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
