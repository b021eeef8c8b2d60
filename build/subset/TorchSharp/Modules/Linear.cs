#nullable enable annotations
using System;
using System.Collections.Generic;
using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        // y = x Wᵀ + b. The module owns its parameters: they outlive any dispose scope, and go with the module.
        public sealed class Linear : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            private Parameter? _weight;
            private Parameter? _bias;

            // PyTorch's initial values, in PyTorch's order of draws: both uniform within ±1/√inputs.
            internal Linear(long inputSize, long outputSize, bool hasBias, torch.ScalarType? dtype) : base(nameof(Linear))
            {
                var gain = Math.Sqrt(2.0 / (1 + Math.Pow(Math.Sqrt(5), 2)));
                var bound = Math.Sqrt(3.0) * (gain / Math.Sqrt(inputSize));
                weight = Uniform([outputSize, inputSize], bound, dtype);
                if (hasBias) bias = Uniform([outputSize], inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0, dtype);
            }

            public Parameter? weight
            {
                get => _weight;
                set => Replace(ref _weight, value ?? throw new ArgumentNullException(nameof(weight)));
            }

            public Parameter? bias
            {
                get => _bias;
                set => Replace(ref _bias, value);
            }

            public override torch.Tensor forward(torch.Tensor tensor) => torch.nn.functional.linear(tensor, _weight, _bias);

            private protected override IEnumerable<(string name, Parameter parameter)> Own
            {
                get
                {
                    if (_weight is not null) yield return (nameof(weight), _weight);
                    if (_bias is not null) yield return (nameof(bias), _bias);
                }
            }

            private static Parameter Uniform(long[] size, double bound, torch.ScalarType? dtype)
            {
                var values = torch.empty(size, dtype);
                if (Native.Uniform_(values.Handle, -bound, bound) < 0) Native.Throw();
                return new Parameter(values);
            }

            private static void Replace(ref Parameter? held, Parameter? value)
            {
                if (ReferenceEquals(held, value)) return;
                held?.Dispose();
                held = value;
                value?.DetachFromDisposeScope();
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Linear Linear(
                long inputSize, long outputSize, bool hasBias = true, Device device = null, ScalarType? dtype = null)
            {
                CheckDevice(device);
                return new Linear(inputSize, outputSize, hasBias, dtype);
            }

            public static partial class functional
            {
                public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null)
                {
                    var result = Native.Linear(input.Handle, weights.Handle, bias is null ? 0 : bias.Handle);
                    GC.KeepAlive(input);
                    GC.KeepAlive(weights);
                    GC.KeepAlive(bias);
                    return new Tensor(result);
                }
            }
        }
    }
}
