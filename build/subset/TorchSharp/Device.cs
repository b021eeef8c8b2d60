using System;

namespace TorchSharp;

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU);

    public static Device device(string description) => new(description);

    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

    public static partial class cuda
    {
        public static bool is_available() => Interop.Native.CudaIsAvailable() != 0;
    }

    // Null means the default device, which is the CPU.
    private static void CheckDevice(Device device)
    {
        if (device is null || device.type == DeviceType.CPU) return;
        throw new NotSupportedException(
            $"The subset of TorchSharp computes on the CPU only; the package TorchSharp has other devices. Received: {device}");
    }

    public class Device
    {
        public Device(string description)
        {
            var parts = description.Split(':');
            if (parts.Length > 2 || !Enum.TryParse(parts[0], ignoreCase: true, out DeviceType parsed) || !Enum.IsDefined(parsed))
                throw new ArgumentException(
                    $"description must be cpu, cuda, mps or meta, with or without :index. Received: {description}", nameof(description));
            type = parsed;
            index = parts.Length == 2 ? int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : -1;
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public DeviceType type { get; }

        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString()
        {
            var name = type.ToString().ToLowerInvariant();
            return type == DeviceType.CPU || index == -1 ? name : $"{name}:{index}";
        }
    }
}
