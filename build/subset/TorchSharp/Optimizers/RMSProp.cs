using System.Collections.Generic;
using System.Linq;
using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        // The gradient over the root of an average of its square.
        public class RMSProp : OptimizerHelper, torch.optim.IMomentum
        {
            private readonly Options _defaults;

            public RMSProp(
                IEnumerable<Parameter> parameters, double lr = 0.001, double alpha = 0.99, double eps = 1e-8,
                double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false)
                : this([new ParamGroup { Parameters = parameters }], lr, alpha, eps, weight_decay, momentum, centered, maximize)
            {
            }

            public RMSProp(
                IEnumerable<ParamGroup> parameters, double lr = 0.001, double alpha = 0.99, double eps = 1e-8,
                double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false)
            {
                AtLeastZero(lr);
                AtLeastZero(alpha);
                AtLeastZero(eps);
                AtLeastZero(weight_decay);
                AtLeastZero(momentum);
                _defaults = new Options
                {
                    LearningRate = lr, alpha = alpha, eps = eps,
                    weight_decay = weight_decay, momentum = momentum, centered = centered, maximize = maximize,
                };
                foreach (var group in parameters) add_param_group(group);
            }

            // Of groups that are added later and have none of their own; a running group's is its ParamGroup's.
            public double Momentum { get => _defaults.momentum.Value; set => _defaults.momentum = value; }

            private protected override OptimizerOptions Complete(OptimizerOptions given)
            {
                var options = (Options)given ?? new Options();
                options.LearningRate ??= _defaults.LearningRate;
                options.alpha ??= _defaults.alpha;
                options.eps ??= _defaults.eps;
                options.weight_decay ??= _defaults.weight_decay;
                options.momentum ??= _defaults.momentum;
                options.centered ??= _defaults.centered;
                options.maximize ??= _defaults.maximize;
                return options;
            }

            private protected override void Read(OptimizerOptions given, ref Native.OptimizerGroup group)
            {
                var options = (Options)given;
                group.Alpha = options.alpha.Value;
                group.Epsilon = options.eps.Value;
                group.WeightDecay = options.weight_decay.Value;
                group.Momentum = options.momentum.Value;
                group.Centered = Flag(options.centered);
                group.Maximize = Flag(options.maximize);
            }

            private protected override unsafe int Step(Native.OptimizerGroup* groups, int count, nint* parameters, nint* states) =>
                Native.RMSPropStep(groups, count, parameters, states);

            public class Options : OptimizerOptions
            {
                public bool? maximize;
                public double? momentum;
                public double? alpha;
                public double? eps;
                public double? weight_decay;
                public bool? centered;
            }

            public class ParamGroup : ParamGroup<Options>, torch.optim.IMomentum
            {
                public ParamGroup()
                {
                }

                public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
                {
                }

                // eps before alpha, and no maximize, which is then the optimizer's: as in the package.
                public ParamGroup(
                    IEnumerable<Parameter> parameters, double lr = 0.001, double eps = 1e-8, double alpha = 0.99,
                    double weight_decay = 0, double momentum = 0, bool centered = false)
                    : base(parameters, new Options
                    {
                        LearningRate = lr, eps = eps, alpha = alpha, weight_decay = weight_decay, momentum = momentum, centered = centered,
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
            // The rate that these have unless given, 0.01, is ten times the constructors', as in the package.
            public static RMSProp RMSProp(
                IEnumerable<Parameter> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8,
                double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
                new(parameters, lr, alpha, eps, weight_decay, momentum, centered, maximize);

            public static RMSProp RMSProp(
                IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8,
                double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), lr, alpha, eps, weight_decay, momentum, centered, maximize);

            public static RMSProp RMSProp(
                IEnumerable<RMSProp.ParamGroup> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8,
                double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
                new(parameters, lr, alpha, eps, weight_decay, momentum, centered, maximize);
        }
    }
}
