using System;
using System.Collections.Generic;
using System.Linq;
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

            public abstract class Optimizer : IDisposable
            {
                private protected readonly List<ParamGroup> Groups = [];

                private protected Optimizer()
                {
                }

                ~Optimizer() => Dispose(false);

                public virtual IEnumerable<ILearningRateController> ParamGroups => Groups;

                public virtual IEnumerable<Parameter> parameters() => Groups.SelectMany(group => group.Parameters);

                public abstract Tensor step(Func<Tensor> closure = null);

                public abstract void add_param_group(ParamGroup param_group);

                public virtual void zero_grad()
                {
                    foreach (var parameter in parameters())
                        if (Native.ZeroGrad(parameter.Handle) < 0) Native.Throw();
                }

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected virtual void Dispose(bool disposing)
                {
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
        }
    }
}
