using System.Collections.Generic;
using System.Linq;
using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        // Adam whose weights decay by themselves, not through the gradient.
        public class AdamW : OptimizerHelper, torch.optim.IBetas
        {
            private readonly Options _defaults;

            public AdamW(
                IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
            {
            }

            public AdamW(
                IEnumerable<ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            {
                AtLeastZero(lr);
                FromZeroToOne(beta1);
                FromZeroToOne(beta2);
                AtLeastZero(eps);
                AtLeastZero(weight_decay);
                _defaults = new Options
                {
                    LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps,
                    weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize,
                };
                foreach (var group in parameters) add_param_group(group);
            }

            // Of groups that are added later and have none of their own; a running group's are its ParamGroup's.
            public (double, double) Betas
            {
                get => (_defaults.beta1.Value, _defaults.beta2.Value);
                set => (_defaults.beta1, _defaults.beta2) = value;
            }

            private protected override OptimizerOptions Complete(OptimizerOptions given)
            {
                var options = (Options)given ?? new Options();
                options.LearningRate ??= _defaults.LearningRate;
                options.beta1 ??= _defaults.beta1;
                options.beta2 ??= _defaults.beta2;
                options.eps ??= _defaults.eps;
                options.weight_decay ??= _defaults.weight_decay;
                options.amsgrad ??= _defaults.amsgrad;
                options.maximize ??= _defaults.maximize;
                return options;
            }

            private protected override void Read(OptimizerOptions given, ref Native.OptimizerGroup group)
            {
                var options = (Options)given;
                group.Beta1 = options.beta1.Value;
                group.Beta2 = options.beta2.Value;
                group.Epsilon = options.eps.Value;
                group.WeightDecay = options.weight_decay.Value;
                group.AmsGrad = Flag(options.amsgrad);
                group.Maximize = Flag(options.maximize);
            }

            private protected override unsafe int Step(Native.OptimizerGroup* groups, int count, nint* parameters, nint* states) =>
                Native.AdamWStep(groups, count, parameters, states);

            public class Options : OptimizerOptions
            {
                public double? beta1;
                public double? beta2;
                public double? weight_decay;
                public double? eps;
                public bool? amsgrad;
                public bool? maximize;
            }

            public class ParamGroup : ParamGroup<Options>, torch.optim.IBetas
            {
                public ParamGroup()
                {
                }

                public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
                {
                }

                public ParamGroup(
                    IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
                    double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                    : base(parameters, new Options
                    {
                        LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps,
                        weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize,
                    })
                {
                }

                public (double, double) Betas
                {
                    get => (Options.beta1.Value, Options.beta2.Value);
                    set => (Options.beta1, Options.beta2) = value;
                }
            }
        }
    }

    public static partial class torch
    {
        public static partial class optim
        {
            public static AdamW AdamW(
                IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(
                IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(
                IEnumerable<AdamW.ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}
