using System;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // A new tensor each: over the same memory where nothing changes, unless a copy is asked for.
    public partial class Tensor
    {
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            var result = Native.ToType(Handle, (sbyte)type, non_blocking ? (byte)1 : (byte)0, copy ? (byte)1 : (byte)0);
            if (disposeAfter && result != 0) Dispose();
            return Make(result, this);
        }

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            CheckDevice(device);
            return to(type, copy, disposeAfter, non_blocking);
        }

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(dtype, device, copy, disposeAfter, non_blocking);

        public Tensor to(
            DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor cpu() => alias();
    }
}
