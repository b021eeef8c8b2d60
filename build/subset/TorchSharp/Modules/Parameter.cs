namespace TorchSharp.Modules;

// A tensor that a module trains. It takes over the tensor that it is made of, which is then empty.
public class Parameter : torch.Tensor
{
    public Parameter(torch.Tensor data, bool requires_grad = true) : base(TakeOver(data, requires_grad, out var scope), register: false) =>
        scope?.Own(this);
}
