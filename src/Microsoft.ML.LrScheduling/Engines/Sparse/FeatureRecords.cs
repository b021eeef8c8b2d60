using System.Numerics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// What belongs to each feature, which stands together, so that memory is asked once for it: its weights, as many numbers of each state,
/// and a mark.
/// </summary>
/// <remarks>
/// The mark says after how many steps the feature was last up to date (see <see cref="LeftOutSteps"/>), and of a feature that is taken
/// out, in which place it is.
/// </remarks>
internal sealed unsafe class FeatureRecords
{
    private readonly WeightLayout _layout;
    private readonly AlignedArray _numbers;

    /// <param name="layout">Where the weights of a feature stand.</param>
    /// <param name="states">How many numbers are remembered of each weight.</param>
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

    /// <summary>Where the first record is.</summary>
    public nint Address => _numbers.Address;

    /// <summary>The numbers of a record.</summary>
    public int Length { get; }

    /// <summary>The mark of a feature.</summary>
    public ref int Mark(int feature) => ref *((int*)_numbers.Address + (nint)feature * Length + Length - 1);

    /// <summary>Copies the weights of a model, or what is remembered of them, out of the records or into them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="part">0 for the weights, 1 for what is remembered first, and so on.</param>
    /// <param name="own">By output and then by feature.</param>
    /// <param name="outward">Whether they are copied out.</param>
    public void Copy(int model, int part, Span<float> own, bool outward) =>
        _layout.CopyWeights(model, _numbers, part * _layout.Stride, Length, own, outward);

    /// <summary>Gives one value to all that is remembered first, second … of the weights of a model.</summary>
    public void Fill(int model, int part, float value)
    {
        for (var output = 0; output < _layout.Outputs; output++)
        {
            var own = First(model, part, output);
            for (var feature = 0; feature < _layout.Features; feature++) own[(nint)feature * Length] = value;
        }
    }

    /// <summary>Multiplies the weights of a model.</summary>
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
