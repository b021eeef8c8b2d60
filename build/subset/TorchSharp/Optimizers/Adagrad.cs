using System.Collections.Generic;
using System.Linq;
using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        // The gradient over the root of the sum of its squares.
        public class Adagrad : OptimizerHelper
        {
            private readonly Options _defaults;

            public Adagrad(
                IEnumerable<Parameter> parameters, double lr = 0.01, double lr_decay = 0,
                double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10)
                : this([new ParamGroup { Parameters = parameters }], lr, lr_decay, weight_decay, initial_accumulator_value, eps)
            {
            }

            public Adagrad(
                IEnumerable<ParamGroup> parameters, double lr = 0.01, double lr_decay = 0,
                double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10)
            {
                AtLeastZero(lr);
                AtLeastZero(lr_decay);
                AtLeastZero(weight_decay);
                AtLeastZero(initial_accumulator_value);
                AtLeastZero(eps);
                _defaults = new Options
                {
                    LearningRate = lr, lr_decay = lr_decay, weight_decay = weight_decay,
                    initial_accumulator_value = initial_accumulator_value, eps = eps,
                };
                foreach (var group in parameters) add_param_group(group);
            }

            private protected override OptimizerOptions Complete(OptimizerOptions given)
            {
                var options = (Options)given ?? new Options();
                options.LearningRate ??= _defaults.LearningRate;
                options.lr_decay ??= _defaults.lr_decay;
                options.weight_decay ??= _defaults.weight_decay;
                options.initial_accumulator_value ??= _defaults.initial_accumulator_value;
                options.eps ??= _defaults.eps;
                return options;
            }

            private protected override void Read(OptimizerOptions given, ref Native.OptimizerGroup group)
            {
                var options = (Options)given;
                group.LearningRateDecay = options.lr_decay.Value;
                group.WeightDecay = options.weight_decay.Value;
                group.InitialAccumulator = options.initial_accumulator_value.Value;
                group.Epsilon = options.eps.Value;
            }

            private protected override unsafe int Step(Native.OptimizerGroup* groups, int count, nint* parameters, nint* states) =>
                Native.AdagradStep(groups, count, parameters, states);

            public class Options : OptimizerOptions
            {
                public double? lr_decay;
                public double? initial_accumulator_value;
                public double? eps;
                public double? weight_decay;
            }

            public class ParamGroup : ParamGroup<Options>
            {
                public ParamGroup()
                {
                }

                public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
                {
                }

                public ParamGroup(
                    IEnumerable<Parameter> parameters, double lr = 0.01, double lr_decay = 0,
                    double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10)
                    : base(parameters, new Options
                    {
                        LearningRate = lr, lr_decay = lr_decay, weight_decay = weight_decay,
                        initial_accumulator_value = initial_accumulator_value, eps = eps,
                    })
                {
                }
            }
        }
    }

    public static partial class torch
    {
        public static partial class optim
        {
            public static Adagrad Adagrad(
                IEnumerable<Parameter> parameters, double lr = 0.01, double lr_decay = 0,
                double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10) =>
                new(parameters, lr, lr_decay, weight_decay, initial_accumulator_value, eps);

            public static Adagrad Adagrad(
                IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.01, double lr_decay = 0,
                double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10) =>
                new(parameters.Select(named => named.parameter), lr, lr_decay, weight_decay, initial_accumulator_value, eps);

            public static Adagrad Adagrad(
                IEnumerable<Adagrad.ParamGroup> parameters, double lr = 0.01, double lr_decay = 0,
                double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10) =>
                new(parameters, lr, lr_decay, weight_decay, initial_accumulator_value, eps);
        }
    }
}
