using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        // Stochastic gradient descent. A step of all groups is one native call.
        public class SGD : OptimizerHelper, torch.optim.IMomentum
        {
            private readonly Options _defaults;
            private readonly List<Parameter> _parameters = [];
            private readonly List<int> _groupSizes = [];
            private Native.SgdGroup[] _groupArguments = [];
            private nint[] _parameterHandles = [];
            private nint[] _momentumBuffers = [];

            public SGD(
                IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false)
                : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize)
            {
            }

            public SGD(
                IEnumerable<ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false)
            {
                if (!(lr >= 0)) throw new ArgumentException($"lr must be at least 0. Received: {lr}", nameof(lr));
                if (!(momentum >= 0)) throw new ArgumentException($"momentum must be at least 0. Received: {momentum}", nameof(momentum));
                if (!(weight_decay >= 0))
                    throw new ArgumentException($"weight_decay must be at least 0. Received: {weight_decay}", nameof(weight_decay));
                if (nesterov && (momentum == 0 || dampening != 0))
                    throw new ArgumentException(
                        $"nesterov needs a momentum above 0 and a dampening of 0. Received: {momentum} and {dampening}", nameof(nesterov));

                _defaults = new Options
                {
                    LearningRate = lr, InitialLearningRate = lr, momentum = momentum, dampening = dampening,
                    weight_decay = weight_decay, nesterov = nesterov, maximize = maximize,
                };
                foreach (var group in parameters) Add(group);
            }

            // Of groups that are added later and have none of their own; a running group's is its ParamGroup's.
            public double Momentum { get => _defaults.momentum.Value; set => _defaults.momentum = value; }

            public override void add_param_group(Modules.ParamGroup param_group) => Add((ParamGroup)param_group);

            public override unsafe torch.Tensor step(Func<torch.Tensor> closure = null)
            {
                torch.Tensor loss = null;
                if (closure is not null)
                {
                    using var traced = torch.enable_grad();
                    loss = closure();
                }
                for (var i = 0; i < _groupArguments.Length; i++) _groupArguments[i] = Arguments((Options)Groups[i].Options, _groupSizes[i]);
                for (var i = 0; i < _parameterHandles.Length; i++) _parameterHandles[i] = _parameters[i].Handle;
                fixed (Native.SgdGroup* groups = _groupArguments)
                fixed (nint* parameters = _parameterHandles, buffers = _momentumBuffers)
                    if (Native.SgdStep(groups, _groupArguments.Length, parameters, buffers) < 0) Native.Throw();
                return loss;
            }

            protected override void Dispose(bool disposing)
            {
                foreach (var buffer in _momentumBuffers)
                    if (buffer != 0) Native.Dispose(buffer);
                _momentumBuffers = new nint[_momentumBuffers.Length];
                base.Dispose(disposing);
            }

            private void Add(ParamGroup group)
            {
                var options = group.Options ??= new Options();
                options.LearningRate ??= _defaults.LearningRate;
                options.momentum ??= _defaults.momentum;
                options.dampening ??= _defaults.dampening;
                options.weight_decay ??= _defaults.weight_decay;
                options.nesterov ??= _defaults.nesterov;
                options.maximize ??= _defaults.maximize;
                options.InitialLearningRate = options.LearningRate.Value;

                var added = group.Parameters.ToArray();
                group.Parameters = added;
                Groups.Add(group);
                _parameters.AddRange(added);
                _groupSizes.Add(added.Length);
                Array.Resize(ref _groupArguments, Groups.Count);
                Array.Resize(ref _parameterHandles, _parameters.Count);
                Array.Resize(ref _momentumBuffers, _parameters.Count);
            }

            private static Native.SgdGroup Arguments(Options options, int count) => new()
            {
                LearningRate = options.LearningRate.Value,
                Momentum = options.momentum.Value,
                Dampening = options.dampening.Value,
                WeightDecay = options.weight_decay.Value,
                Nesterov = options.nesterov.Value ? 1 : 0,
                Maximize = options.maximize.Value ? 1 : 0,
                Count = count,
            };

            public class Options : OptimizerOptions
            {
                public double? momentum;
                public double? dampening;
                public double? weight_decay;
                public bool? nesterov;
                public bool? maximize;
            }

            public class ParamGroup : ParamGroup<Options>, torch.optim.IMomentum
            {
                public ParamGroup()
                {
                }

                public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
                {
                }

                public ParamGroup(
                    IEnumerable<Parameter> parameters, double lr = 0.001, double momentum = 0,
                    double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                    : base(parameters, new Options
                    {
                        LearningRate = lr, momentum = momentum, dampening = dampening,
                        weight_decay = weight_decay, nesterov = nesterov, maximize = maximize,
                    })
                {
                }

                public double Momentum { get => Options.momentum.Value; set => Options.momentum = value; }
            }
        }
    }

    public static partial class torch
    {
        public static partial class optim
        {
            public static SGD SGD(
                IEnumerable<Parameter> parameters, double learningRate, double momentum = 0,
                double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(
                IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0,
                double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(
                IEnumerable<SGD.ParamGroup> parameters, double learningRate, double momentum = 0,
                double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}
