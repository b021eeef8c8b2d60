using System.Numerics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// Stores all data of a feature together, so that one access to memory is enough: its weights, its optimizer states, and a mark.
/// </summary>
/// <remarks>
/// The mark is the number of steps after which the feature was last up to date (see <see cref="LeftOutSteps"/>). While the feature is
/// copied for a minibatch, the mark is the bitwise complement of its place there.
/// </remarks>
internal sealed unsafe class FeatureRecords
{
    private readonly WeightLayout _layout;
    private readonly AlignedArray _numbers;

    /// <param name="layout">The layout of the weights.</param>
    /// <param name="states">The number of optimizer states per weight.</param>
    /// <param name="engine">The name of the engine.</param>
    /// <exception cref="InvalidOperationException">There are more numbers than an array can hold.</exception>
    public FeatureRecords(WeightLayout layout, int states, string engine)
    {
        _layout = layout;
        var numbers = checked((1 + states) * layout.Stride + 1);
        Length = numbers <= AlignedArray.Lanes ? (int)BitOperations.RoundUpToPowerOf2((uint)numbers) : AlignedArray.Padded(numbers);
        ModelSize.Check(
            layout.Features, layout.Outputs, layout.Models, (long)layout.Features * Length, WeightLayout.LongestWeights, engine);
        _numbers = new AlignedArray(layout.Features * Length);
    }

    /// <summary>The address of the first record.</summary>
    public nint Address => _numbers.Address;

    /// <summary>The length of a record, in 32-bit numbers.</summary>
    public int Length { get; }

    /// <summary>Returns the mark of a feature.</summary>
    public ref int Mark(int feature) => ref *((int*)_numbers.Address + (nint)feature * Length + Length - 1);

    /// <summary>Copies the weights or a state of a model out of the records, or into them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="part">0 for the weights, 1 for the first state, and so on.</param>
    /// <param name="own">The values, by output and then by feature.</param>
    /// <param name="outward">Whether to copy out of the records.</param>
    public void Copy(int model, int part, Span<float> own, bool outward) =>
        _layout.CopyWeights(model, _numbers, part * _layout.Stride, Length, own, outward);

    /// <summary>Sets a state of all weights of a model to one value.</summary>
    public void Fill(int model, int part, float value)
    {
        for (var output = 0; output < _layout.Outputs; output++)
        {
            var own = First(model, part, output);
            for (var feature = 0; feature < _layout.Features; feature++) own[(nint)feature * Length] = value;
        }
    }

    /// <summary>Multiplies the weights of a model by a factor.</summary>
    public void Scale(int model, float factor)
    {
        for (var output = 0; output < _layout.Outputs; output++)
        {
            var own = First(model, part: 0, output);
            for (var feature = 0; feature < _layout.Features; feature++) own[(nint)feature * Length] *= factor;
        }
    }

    private float* First(int model, int part, int output) =>
        (float*)_numbers.Address + part * _layout.Stride + _layout.ColumnOf(model, output);
}
