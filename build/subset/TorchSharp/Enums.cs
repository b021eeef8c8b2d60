namespace TorchSharp
{
    // Devices as libtorch numbers them. The subset computes on the CPU alone.
    public enum DeviceType
    {
        CPU = 0,
        CUDA = 1,
        MPS = 13,
        META = 14,
    }

    public static partial class torch
    {
        // Element types as libtorch numbers them.
        public enum ScalarType : sbyte
        {
            Byte = 0,
            Int8 = 1,
            Int16 = 2,
            Int32 = 3,
            Int64 = 4,
            Float32 = 6,
            Float64 = 7,
            Bool = 11,
        }

        public enum RoundingMode
        {
            None = 0,
            trunc = 1,
            floor = 2,
        }

        public static partial class nn
        {
            public enum Reduction
            {
                None = 0,
                Mean = 1,
                Sum = 2,
            }
        }
    }
}
