using System;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public Tensor narrow(long dim, long start, long length) => Make(Native.Narrow(Handle, dim, start, length), this);

        public Tensor view(params long[] shape)
        {
            fixed (long* start = shape) return Make(Native.View(Handle, start, shape.Length), this);
        }

        public Tensor reshape(params long[] shape)
        {
            fixed (long* start = shape) return Make(Native.Reshape(Handle, start, shape.Length), this);
        }

        public Tensor t() => Make(Native.T(Handle), this);

        public Tensor T
        {
            get
            {
                var order = new long[Dimensions];
                for (var i = 0; i < order.Length; i++) order[i] = order.Length - 1 - i;
                fixed (long* start = order) return Make(Native.Permute(Handle, start, order.Length), this);
            }
        }

        public Tensor transpose(long dim0, long dim1) => Make(Native.Transpose(Handle, dim0, dim1), this);

        public Tensor unsqueeze(long dim) => Make(Native.Unsqueeze(Handle, dim), this);

        public Tensor squeeze(long? dim = null) => Make(dim is { } d ? Native.Squeeze(Handle, d) : Native.Squeeze(Handle), this);

        public Tensor index_select(long dim, Tensor index) => Make(Native.IndexSelect(Handle, dim, index.Handle), this, index);

        // The rows of source are added to those that index names; a row that is named twice gets both.
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Make(Native.IndexAdd(Handle, dim, Index(index), source.Handle, alpha.Kind, alpha.Bits), this, index, source);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            InPlace(Native.IndexAdd_(Handle, dim, Index(index), source.Handle, alpha.Kind, alpha.Bits), index, source);

        public Tensor alias() => Make(Native.Alias(Handle), this);

        public Tensor clone() => Make(Native.Clone(Handle), this);

        public Tensor contiguous() => Make(Native.Contiguous(Handle), this);

        public Tensor copy_(Tensor source, bool nonBlocking = false) =>
            InPlace(Native.Copy_(Handle, source.Handle, nonBlocking ? (byte)1 : (byte)0), source);

        public Tensor fill_(Scalar value) => InPlace(Native.Fill_(Handle, value.Kind, value.Bits));

        // In place, yet what it returns is another tensor over the same memory, as in the package: dispose it, or prefer fill_(0).
        public Tensor zero_()
        {
            InPlace(Native.Zero_(Handle));
            return alias();
        }

        private static nint Index(Tensor index) => index.dtype == ScalarType.Int64
            ? index.Handle
            : throw new ArgumentException($"index must be a tensor of Int64. Received: {index.dtype}", nameof(index));
    }
}
