using System;
using TorchSharp.Interop;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    public abstract class Loss<T1, T2, TResult> : Module<T1, T2, TResult>
    {
        private protected Loss(string name, Reduction reduction) : base(name) => this.reduction = reduction;

        public Reduction reduction { get; }
    }

    namespace Modules
    {
        public sealed class MSELoss(Reduction reduction = Reduction.Mean)
            : Loss<torch.Tensor, torch.Tensor, torch.Tensor>(nameof(MSELoss), reduction)
        {
            public override torch.Tensor forward(torch.Tensor input, torch.Tensor target) => functional.mse_loss(input, target, reduction);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.MSELoss MSELoss(Reduction reduction = Reduction.Mean) => new(reduction);

            public static partial class functional
            {
                public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
                {
                    var result = Native.MseLoss(input.Handle, target.Handle, (long)reduction);
                    GC.KeepAlive(input);
                    GC.KeepAlive(target);
                    return new Tensor(result);
                }
            }
        }
    }
}
