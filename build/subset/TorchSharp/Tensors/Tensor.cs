using System;
using System.Threading;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // A native tensor with an owner: the dispose scope that was current when it was made, or whoever holds it.
    // Operations in place return this very object; all others, zero_ included as in the package, return a new one to dispose.
    public partial class Tensor : IDisposable
    {
        private static long _totalCount;
        private static long _peakCount;

        private nint _handle;

        internal Tensor(nint handle, bool register = true)
        {
            if (handle == 0) Native.Throw();
            _handle = handle;
            var count = Interlocked.Increment(ref _totalCount);
            if (count > Volatile.Read(ref _peakCount)) Volatile.Write(ref _peakCount, count);
            if (register) DisposeScope.Current?.Own(this);
        }

        ~Tensor() => Dispose(false);

        public static long TotalCount => Interlocked.Read(ref _totalCount);

        public static long PeakCount => Volatile.Read(ref _peakCount);

        public nint Handle =>
            _handle != 0 ? _handle : throw new InvalidOperationException("The tensor is disposed, or a Parameter has taken it over.");

        public bool IsInvalid => _handle == 0;

        internal DisposeScope OwningScope { get; set; }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0) return;
            if (disposing) OwningScope?.Disown(this);
            Interlocked.Decrement(ref _totalCount);
            Native.Dispose(handle);
        }

        // A Parameter is the tensor that it is made of, under another type: the handle moves, and with it the place in the scope.
        private protected static nint TakeOver(Tensor data, bool requiresGrad, out DisposeScope scope)
        {
            data.requires_grad = requiresGrad;
            scope = data.OwningScope;
            scope?.Disown(data);
            Interlocked.Decrement(ref _totalCount);
            GC.SuppressFinalize(data);
            return Interlocked.Exchange(ref data._handle, 0);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            if (OwningScope is null) other?.Attach(this);
            else OwningScope.MoveToOther(other, this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningScope?.Detach(this);
            return this;
        }

        public override bool Equals(object obj) => obj is Tensor other && Equals(other);

        public bool Equals(Tensor target)
        {
            if (target is null) return false;
            var result = Native.Equal(Handle, target.Handle);
            GC.KeepAlive(target);
            GC.KeepAlive(this);
            if (result < 0) Native.Throw();
            return result > 0;
        }

        public override int GetHashCode() => base.GetHashCode();

        // Operands are kept alive until the native call is over: a finalizer must not run between reading a handle and using it.
        private static Tensor Make(nint result, Tensor a, Tensor b = null, Tensor c = null)
        {
            GC.KeepAlive(a);
            GC.KeepAlive(b);
            GC.KeepAlive(c);
            return new Tensor(result);
        }

        private Tensor InPlace(int status, Tensor a = null, Tensor b = null)
        {
            GC.KeepAlive(a);
            GC.KeepAlive(b);
            if (status < 0) Native.Throw();
            return this;
        }
    }
}
