using System;
using TorchSharp.Interop;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public long[] shape
        {
            get
            {
                var sizes = new long[Dimensions];
                fixed (long* start = sizes) Native.Sizes(Handle, start);
                return sizes;
            }
        }

        public long Dimensions => Native.Dim(Handle);

        public long ndim => Dimensions;

        public long NumberOfElements => Native.Numel(Handle);

        public long ElementSize => Native.ElementSize(Handle);

        public ScalarType dtype => (ScalarType)Native.Dtype(Handle);

        public Device device => CPU;

        public DeviceType device_type => DeviceType.CPU;

        public long dim() => Dimensions;

        public long numel() => NumberOfElements;

        public long[] size() => shape;

        public long size(int dim)
        {
            var sizes = shape;
            return sizes[dim < 0 ? dim + sizes.Length : dim];
        }

        public long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* start = strides) Native.Strides(Handle, start);
            return strides;
        }

        public bool is_contiguous() => Native.IsContiguous(Handle) != 0;

        // The memory itself, not a copy: it lives as long as the tensor.
        public Span<byte> bytes
        {
            get
            {
                var count = NumberOfElements * ElementSize;
                if (!is_contiguous()) throw new InvalidOperationException("bytes needs a contiguous tensor.");
                if (count > int.MaxValue)
                    throw new ArgumentException($"A span holds at most {int.MaxValue} bytes. The tensor has {count}.");
                return new Span<byte>(Native.Data(Handle), (int)count);
            }
            set
            {
                var target = bytes;
                if (target.Length != value.Length)
                    throw new ArgumentException($"bytes must have the length {target.Length}. Received: {value.Length}");
                value.CopyTo(target);
            }
        }

        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            CheckType(typeof(T));
            return new TensorAccessor<T>(this);
        }

        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException($"item needs a tensor of one element. This one has {NumberOfElements}.");
            CheckType(typeof(T));
            var value = *(T*)Native.Data(Handle);
            GC.KeepAlive(this);
            return value;
        }

        public Scalar ToScalar() => dtype switch
        {
            ScalarType.Float32 => item<float>(),
            ScalarType.Float64 => item<double>(),
            ScalarType.Int64 => item<long>(),
            ScalarType.Int32 => item<int>(),
            ScalarType.Bool => item<bool>(),
            var other => throw new NotSupportedException($"The subset of TorchSharp has no scalar of {other}; the package TorchSharp has."),
        };

        private void CheckType(Type type)
        {
            if (type != ElementType(dtype)) throw new ArgumentException($"{type.Name} is not the element type of a tensor of {dtype}.");
        }

        private static Type ElementType(ScalarType type) => type switch
        {
            ScalarType.Byte => typeof(byte),
            ScalarType.Int8 => typeof(sbyte),
            ScalarType.Int16 => typeof(short),
            ScalarType.Int32 => typeof(int),
            ScalarType.Int64 => typeof(long),
            ScalarType.Float32 => typeof(float),
            ScalarType.Float64 => typeof(double),
            ScalarType.Bool => typeof(bool),
            _ => null,
        };
    }
}
