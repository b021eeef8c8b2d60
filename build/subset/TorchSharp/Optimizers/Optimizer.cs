using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public interface ILearningRateController
            {
                double LearningRate { get; set; }

                double InitialLearningRate { get; set; }
            }

            public interface IMomentum
            {
                double Momentum { get; set; }
            }

            public interface IBetas
            {
                (double, double) Betas { get; set; }
            }

            // A step of all groups is one native call, for which nothing is allocated. The native side keeps a state for each parameter.
            public abstract class Optimizer : IDisposable
            {
                private readonly List<ParamGroup> _groups = [];
                private readonly List<Parameter> _parameters = [];
                private Native.OptimizerGroup[] _options = [];
                private nint[] _handles = [];
                private nint[] _states = [];
                private bool _disposed;

                private protected Optimizer()
                {
                }

                ~Optimizer() => Dispose(false);

                public virtual IEnumerable<ILearningRateController> ParamGroups => _groups;

                public virtual IEnumerable<Parameter> parameters() => _parameters;

                public virtual void add_param_group(ParamGroup param_group)
                {
                    var options = Complete(param_group.Options);
                    options.InitialLearningRate = options.LearningRate.Value;
                    param_group.Options = options;

                    var added = param_group.Parameters.ToArray();
                    param_group.Parameters = added;
                    _groups.Add(param_group);
                    _parameters.AddRange(added);
                    Array.Resize(ref _options, _groups.Count);
                    Array.Resize(ref _handles, _parameters.Count);
                    Array.Resize(ref _states, _parameters.Count);
                    _options[^1].Count = added.Length;
                }

                public virtual unsafe Tensor step(Func<Tensor> closure = null)
                {
                    ObjectDisposedException.ThrowIf(_disposed, this);
                    Tensor loss = null;
                    if (closure is not null)
                    {
                        using var traced = enable_grad();
                        loss = closure();
                    }
                    for (var i = 0; i < _options.Length; i++)
                    {
                        var given = _groups[i].Options;
                        _options[i].LearningRate = given.LearningRate.Value;
                        Read(given, ref _options[i]);
                    }
                    for (var i = 0; i < _handles.Length; i++) _handles[i] = _parameters[i].Handle;
                    fixed (Native.OptimizerGroup* groups = _options)
                    fixed (nint* parameters = _handles, states = _states)
                        if (Step(groups, _options.Length, parameters, states) < 0) Native.Throw();
                    GC.KeepAlive(this);
                    return loss;
                }

                public virtual void zero_grad()
                {
                    foreach (var parameter in _parameters)
                        if (Native.ZeroGrad(parameter.Handle) < 0) Native.Throw();
                }

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected virtual void Dispose(bool disposing)
                {
                    _disposed = true;
                    foreach (var state in _states)
                        if (state != 0) Native.DisposeState(state);
                    _states = [];
                }

                // The states of all parameters, in their order. The options are the caller's to set again.
                private protected void SaveStates(BinaryWriter writer)
                {
                    ObjectDisposedException.ThrowIf(_disposed, this);
                    writer.Write(_states.Length);
                    foreach (var state in _states)
                    {
                        writer.Write(state == 0 ? -1 : Native.StateStep(state));
                        for (var slot = 0; state != 0 && slot < Native.KeptSlots; slot++) SaveSlot(writer, Native.StateSlot(state, slot));
                    }
                }

                private protected void LoadStates(BinaryReader reader)
                {
                    ObjectDisposedException.ThrowIf(_disposed, this);
                    if (reader.ReadInt32() != _states.Length) throw new ArgumentException("Invalid optimizer state -- different number of states.");
                    for (var i = 0; i < _states.Length; i++)
                    {
                        if (_states[i] != 0) Native.DisposeState(_states[i]);
                        var step = reader.ReadInt64();
                        _states[i] = step < 0 ? 0 : Native.NewState(step);
                        for (var slot = 0; _states[i] != 0 && slot < Native.KeptSlots; slot++)
                            if (reader.ReadBoolean())
                                LoadSlot(reader, Native.DefineStateSlot(_states[i], slot, _parameters[i].Handle));
                    }
                }

                private static void SaveSlot(BinaryWriter writer, nint handle)
                {
                    writer.Write(handle != 0);
                    if (handle == 0) return;
                    using var tensor = new Tensor(handle);
                    writer.Write(tensor.bytes);
                }

                private static void LoadSlot(BinaryReader reader, nint handle)
                {
                    using var tensor = new Tensor(handle);
                    reader.BaseStream.ReadExactly(tensor.bytes);
                }

                // The options of a group that is added: what it leaves out is the optimizer's own.
                private protected abstract OptimizerOptions Complete(OptimizerOptions given);

                private protected abstract void Read(OptimizerOptions given, ref Native.OptimizerGroup group);

                private protected abstract unsafe int Step(Native.OptimizerGroup* groups, int count, nint* parameters, nint* states);

                private protected static int Flag(bool? value) => value.Value ? 1 : 0;

                private protected static void AtLeastZero(double value, [CallerArgumentExpression(nameof(value))] string name = null)
                {
                    if (value < 0) throw new ArgumentException($"{name} must be at least 0. Received: {value}", name);
                }

                private protected static void FromZeroToOne(double value, [CallerArgumentExpression(nameof(value))] string name = null)
                {
                    if (value is < 0 or >= 1) throw new ArgumentException($"{name} must be at least 0 and less than 1. Received: {value}", name);
                }
            }
        }
    }

    namespace Modules
    {
        // The place in the hierarchy of the optimizers that step group by group.
        public abstract class OptimizerHelper : torch.optim.Optimizer
        {
            private protected OptimizerHelper()
            {
            }

            public void save_state_dict(BinaryWriter writer)
            {
                writer.Write(GetType().Name);
                SaveStates(writer);
            }

            public void load_state_dict(BinaryReader reader)
            {
                var name = reader.ReadString();
                if (name != GetType().Name)
                    throw new InvalidDataException($"Mismatched optimizer type: expected '{GetType().Name}', but found '{name}' in the loaded stream.");
                LoadStates(reader);
            }
        }
    }
}
