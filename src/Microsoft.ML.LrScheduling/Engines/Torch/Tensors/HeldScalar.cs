using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// A number for libtorch that lives as long as its owner. It is created again only when its value changes. For a plain number, TorchSharp
/// creates a temporary <see cref="Scalar"/>, which the garbage collector may free while native code still reads it.
/// </summary>
internal sealed class HeldScalar : IDisposable
{
    private Scalar? _scalar;
    private double _value;

    /// <summary>
    /// Returns the number as a <see cref="Scalar"/>, which is valid until the next call. Values outside the range of a float become the
    /// largest float, because libtorch rejects them.
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
