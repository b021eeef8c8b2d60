using System;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    public static partial class random
    {
        public static Generator manual_seed(long seed) => Generator.Default.manual_seed(seed);

        public static long initial_seed() => Generator.Default.initial_seed();
    }

    public class Generator : IDisposable
    {
        private nint _handle;

        public Generator(ulong seed = 0, Device device = null)
        {
            CheckDevice(device);
            _handle = Native.Generator(seed);
        }

        private Generator(nint handle) => _handle = handle;

        ~Generator() => Dispose(false);

        public static Generator Default => new(Native.DefaultGenerator());

        public nint Handle => _handle != 0 ? _handle : throw new InvalidOperationException("The generator is disposed.");

        public Generator manual_seed(long seed)
        {
            Native.SetGeneratorSeed(Handle, (ulong)seed);
            return this;
        }

        public long initial_seed() => (long)Native.GeneratorSeed(Handle);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (_handle != 0) Native.DisposeGenerator(_handle);
            _handle = 0;
        }
    }
}
