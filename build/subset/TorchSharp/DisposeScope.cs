using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

// Owns the tensors that are made on its thread while it is the innermost scope, and disposes them with itself.
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic] private static DisposeScope _current;

    // By reference: tensors compare by value.
    private readonly HashSet<IDisposable> _owned = new(ReferenceEqualityComparer.Instance);
    private DisposeScope _outer;
    private bool _disposed;

    internal DisposeScope()
    {
        _outer = _current;
        _current = this;
    }

    internal static DisposeScope Current => _current;

    public int DisposablesCount => Alive._owned.Count;

    private DisposeScope Alive
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return this;
        }
    }

    public bool Contains(IDisposable disposable) => _owned.Contains(disposable);

    public void Attach(IDisposable disposable)
    {
        var tensor = disposable as torch.Tensor
            ?? throw new InvalidOperationException($"A DisposeScope holds tensors. Received: {disposable}");
        if (tensor.OwningScope == this) return;
        Alive.Own(tensor);
    }

    public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther(_outer, disposable);

    // No scope to move to means none: the tensor is then its holder's.
    public T MoveToOther<T>(DisposeScope scope, T disposable) where T : IDisposable
    {
        if (!Alive._owned.Contains(disposable)) return disposable;
        if (scope is null) return Detach(disposable);
        scope.Attach(disposable);
        return disposable;
    }

    public T Detach<T>(T disposable) where T : IDisposable
    {
        if (Alive._owned.Contains(disposable)) Disown((torch.Tensor)(IDisposable)disposable);
        return disposable;
    }

    public void DisposeEverything()
    {
        foreach (var disposable in Alive._owned.ToArray()) disposable.Dispose();
    }

    public void Dispose()
    {
        if (_disposed) return;
        DisposeEverything();
        Leave();
        _disposed = true;
    }

    internal void Own(torch.Tensor tensor)
    {
        tensor.OwningScope?._owned.Remove(tensor);
        _owned.Add(tensor);
        tensor.OwningScope = this;
    }

    internal void Disown(torch.Tensor tensor)
    {
        _owned.Remove(tensor);
        tensor.OwningScope = null;
    }

    // Scopes may end out of order: the one that ends is taken out of the chain, wherever it is.
    private void Leave()
    {
        if (_current == this)
        {
            _current = _outer;
            return;
        }
        for (var scope = _current; scope is not null; scope = scope._outer)
            if (scope._outer == this) scope._outer = _outer;
    }
}
