using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// A number for libtorch that lives as long as its owner, and is made anew when its value changes. TorchSharp makes a temporary
/// <see cref="Scalar"/> of a bare number, which the garbage collector may free while native code still reads it.
/// </summary>
internal sealed class HeldScalar : IDisposable
{
    private Scalar? _scalar;
    private double _value;

    /// <summary>
    /// The number as libtorch takes it, valid until the next call. It takes none that a float does not hold: what is beyond becomes the
    /// largest float.
    /// </summary>
    public Scalar Of(double value)
    {
        value = Math.Clamp(value, -float.MaxValue, float.MaxValue);
        if (_scalar is not null && value.Equals(_value)) return _scalar;
        _scalar?.Dispose();
        (_scalar, _value) = (value.ToScalar(), value);
        return _scalar;
    }

    public void Dispose() => _scalar?.Dispose();
}
