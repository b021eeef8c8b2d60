using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>
/// The layout of the weights of K models in memory. The lanes of a vector are features if there is one model with one output, outputs if
/// there is one model with several outputs, and models if there are several models. Padding at the end of a vector is zero, or is never
/// used.
/// </summary>
/// <param name="Models">K, at least 1.</param>
/// <param name="Outputs">The number of scores per row and model.</param>
/// <param name="Features">The number of features.</param>
/// <param name="IsSparse">
/// Whether the rows are sparse. The weights of possibly millions of features then have less padding.
/// </param>
internal sealed record WeightLayout(int Models, int Outputs, int Features, bool IsSparse)
{
    /// <summary>The maximum length of an array of weights, which leaves space for its alignment.</summary>
    public const int LongestWeights = int.MaxValue - 127;

    // The kernels process this number of features at once.
    private const int FeatureStep = 4;

    private const int FeaturesTogether = 1 << 12;

    /// <summary>Whether there is one score per row. The weights are then a vector, otherwise a matrix [feature, column].</summary>
    public bool IsVector => Models == 1 && Outputs == 1;

    /// <summary>The number of models, padded to whole vectors if the lanes are models.</summary>
    public int PaddedModels { get; } = Models == 1 ? 1 : AlignedArray.Padded(Models);

    /// <summary>The number of scores per row, with padding: 1, or a multiple of 16.</summary>
    public int Columns { get; } = (Models, Outputs) switch
    {
        (1, 1) => 1,
        (1, _) => Limited(((long)Outputs + AlignedArray.Lanes - 1) / AlignedArray.Lanes * AlignedArray.Lanes),
        _ => Limited((long)AlignedArray.Padded(Models) * Outputs),
    };

    /// <summary>
    /// The distance between the weights of two adjacent features: the number of columns, or for sparse rows the number of outputs without
    /// padding.
    /// </summary>
    public int Stride => IsVector ? 1 : IsSparse && Models == 1 ? Outputs : Columns;

    /// <summary>The length of the weights, which can be more than the maximum, <see cref="LongestWeights"/>.</summary>
    public long NumberCount
    {
        get
        {
            var features = IsVector || IsSparse ? Features : ((long)Features + FeatureStep - 1) / FeatureStep * FeatureStep;
            return (features * Stride + AlignedArray.Lanes - 1) / AlignedArray.Lanes * AlignedArray.Lanes + Slack;
        }
    }

    /// <summary>The length of the weights. A whole vector can be read at the last weight.</summary>
    public int WeightLength => checked((int)NumberCount);

    /// <summary>The length of the biases.</summary>
    public int BiasLength => IsVector ? AlignedArray.Lanes : Columns;

    /// <summary>
    /// The length of the factors that repeat along the weights and biases: one per model, or sixteen times the factor of a single model.
    /// </summary>
    public int LaneLength => Math.Max(PaddedModels, AlignedArray.Lanes);

    /// <summary>Returns the column of a model's output.</summary>
    public int ColumnOf(int model, int output) => Models == 1 ? output : output * PaddedModels + model;

    /// <summary>Creates the weights of a model, all zero.</summary>
    public LinearWeights NewWeights() => new(new float[Outputs * Features], new float[Outputs]);

    /// <summary>Copies the weights and biases of a model out of this layout, or into it. Empty weights are not copied.</summary>
    public void Copy(int model, AlignedArray weights, AlignedArray biases, LinearWeights own, bool outward)
    {
        CopyBiases(model, biases, own.Biases, outward);
        if (own.Weights.Length > 0) CopyWeights(model, weights, offset: 0, Stride, own.Weights, outward);
    }

    /// <summary>Copies the biases of a model out of this layout, or into it.</summary>
    public void CopyBiases(int model, AlignedArray biases, Span<float> own, bool outward)
    {
        for (var output = 0; output < Outputs; output++) Move(ref biases.Elements[ColumnOf(model, output)], ref own[output], outward);
    }

    /// <summary>Copies the weights of a model, or a state next to them, out of this layout, or into it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="numbers">The numbers of all features.</param>
    /// <param name="offset">The index of the first number of the first feature.</param>
    /// <param name="stride">The distance between two adjacent features.</param>
    /// <param name="own">The values of the model, by output and then by feature.</param>
    /// <param name="outward">Whether to copy out of this layout.</param>
    public void CopyWeights(int model, AlignedArray numbers, int offset, int stride, Span<float> own, bool outward) =>
        CopyWeights(model, ref numbers.First, offset, stride, own, outward);

    /// <inheritdoc cref="CopyWeights(int, AlignedArray, int, int, Span{float}, bool)"/>
    public void CopyWeights(int model, ref float numbers, int offset, int stride, Span<float> own, bool outward)
    {
        if (stride == 1)
        {
            var all = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref numbers, offset), Features);
            if (outward) all.CopyTo(own);
            else own[..Features].CopyTo(all);
            return;
        }

        // This number of features stays in the nearest cache while all their outputs are copied.
        var together = Math.Max(1, FeaturesTogether / stride);
        for (var start = 0; start < Features; start += together)
            for (var output = 0; output < Outputs; output++)
            {
                var target = own.Slice(output * Features + start, Math.Min(together, Features - start));
                ref var first = ref Unsafe.Add(ref numbers, (nint)start * stride + offset + ColumnOf(model, output));
                for (var i = 0; i < target.Length; i++) Move(ref Unsafe.Add(ref first, (nint)i * stride), ref target[i], outward);
            }
    }

    private static void Move(ref float place, ref float value, bool outward)
    {
        if (outward) value = place;
        else place = value;
    }

    // A number of columns beyond int.MaxValue is more than an engine can hold, which the size check then reports.
    private static int Limited(long columns) => (int)Math.Min(int.MaxValue, columns);

    private int Slack => Stride % AlignedArray.Lanes == 0 || IsVector ? 0 : AlignedArray.Lanes;
}
