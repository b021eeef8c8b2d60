using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        // Stochastic gradient descent.
        public class SGD : OptimizerHelper, torch.optim.IMomentum
        {
            private readonly Options _defaults;

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
                AtLeastZero(lr);
                AtLeastZero(momentum);
                AtLeastZero(weight_decay);
                if (nesterov && (momentum == 0 || dampening != 0))
                    throw new ArgumentException(
                        $"nesterov needs a momentum above 0 and a dampening of 0. Received: {momentum} and {dampening}", nameof(nesterov));

                _defaults = new Options
                {
                    LearningRate = lr, momentum = momentum, dampening = dampening,
                    weight_decay = weight_decay, nesterov = nesterov, maximize = maximize,
                };
                foreach (var group in parameters) add_param_group(group);
            }

            // Of groups that are added later and have none of their own; a running group's is its ParamGroup's.
            public double Momentum { get => _defaults.momentum.Value; set => _defaults.momentum = value; }

            private protected override OptimizerOptions Complete(OptimizerOptions given)
            {
                var options = (Options)given ?? new Options();
                options.LearningRate ??= _defaults.LearningRate;
                options.momentum ??= _defaults.momentum;
                options.dampening ??= _defaults.dampening;
                options.weight_decay ??= _defaults.weight_decay;
                options.nesterov ??= _defaults.nesterov;
                options.maximize ??= _defaults.maximize;
                return options;
            }

            private protected override void Read(OptimizerOptions given, ref Native.OptimizerGroup group)
            {
                var options = (Options)given;
                group.Momentum = options.momentum.Value;
                group.Dampening = options.dampening.Value;
                group.WeightDecay = options.weight_decay.Value;
                group.Nesterov = Flag(options.nesterov);
                group.Maximize = Flag(options.maximize);
            }

            private protected override unsafe int Step(Native.OptimizerGroup* groups, int count, nint* parameters, nint* states) =>
                Native.SgdStep(groups, count, parameters, states);

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
