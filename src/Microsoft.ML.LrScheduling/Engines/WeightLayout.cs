using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>
/// Where the weights of K models stand. A vector's lanes are, of one model with one output, features; of one model with several outputs,
/// outputs; of several models, models. What fills the last vector stays zero, or is never looked at.
/// </summary>
/// <param name="Models">K, at least 1.</param>
/// <param name="Outputs">The scores of a row and a model.</param>
/// <param name="Features">The features of a row.</param>
/// <param name="IsSparse">
/// Whether rows are sparse: of millions of features the weights are not to be many times as long as they need to be.
/// </param>
internal sealed record WeightLayout(int Models, int Outputs, int Features, bool IsSparse)
{
    /// <summary>The longest array of weights, with the place that aligning it takes.</summary>
    public const int LongestWeights = int.MaxValue - 127;

    // The kernels take so many features at once.
    private const int FeatureStep = 4;

    private const int FeaturesTogether = 1 << 12;

    /// <summary>Whether there is one score a row: the weights are a vector, else a matrix [feature, column].</summary>
    public bool IsVector => Models == 1 && Outputs == 1;

    /// <summary>The models, with those that fill the last vector where models are lanes.</summary>
    public int PaddedModels { get; } = Models == 1 ? 1 : AlignedArray.Padded(Models);

    /// <summary>The scores of a row, with what fills the last vector: 1, or a multiple of 16.</summary>
    public int Columns { get; } = (Models, Outputs) switch
    {
        (1, 1) => 1,
        (1, _) => Limited(((long)Outputs + AlignedArray.Lanes - 1) / AlignedArray.Lanes * AlignedArray.Lanes),
        _ => Limited((long)AlignedArray.Padded(Models) * Outputs),
    };

    /// <summary>
    /// The numbers from the weights of a feature to those of the next: as many as there are columns, or without those that fill the last
    /// vector.
    /// </summary>
    public int Stride => IsVector ? 1 : IsSparse && Models == 1 ? Outputs : Columns;

    /// <summary>The numbers that the weights take, however many: an engine can hold <see cref="LongestWeights"/>.</summary>
    public long NumberCount
    {
        get
        {
            var features = IsVector || IsSparse ? Features : ((long)Features + FeatureStep - 1) / FeatureStep * FeatureStep;
            return (features * Stride + AlignedArray.Lanes - 1) / AlignedArray.Lanes * AlignedArray.Lanes + Slack;
        }
    }

    /// <summary>The length of the weights; a vector can be read at the last of them.</summary>
    public int WeightLength => checked((int)NumberCount);

    /// <summary>The length of the biases.</summary>
    public int BiasLength => IsVector ? AlignedArray.Lanes : Columns;

    /// <summary>
    /// The length of what repeats along weights and biases: a number for each model, or sixteen times that of the only one.
    /// </summary>
    public int LaneLength => Math.Max(PaddedModels, AlignedArray.Lanes);

    /// <summary>The column of an output of a model.</summary>
    public int ColumnOf(int model, int output) => Models == 1 ? output : output * PaddedModels + model;

    /// <summary>Weights of a model, all zero.</summary>
    public LinearWeights NewWeights() => new(new float[Outputs * Features], new float[Outputs]);

    /// <summary>Copies the weights and biases of a model out of, or into, their places; what has no weights leaves them.</summary>
    public void Copy(int model, AlignedArray weights, AlignedArray biases, LinearWeights own, bool outward)
    {
        CopyBiases(model, biases, own.Biases, outward);
        if (own.Weights.Length > 0) CopyWeights(model, weights, offset: 0, Stride, own.Weights, outward);
    }

    /// <summary>Copies the biases of a model out of, or into, their places.</summary>
    public void CopyBiases(int model, AlignedArray biases, Span<float> own, bool outward)
    {
        for (var output = 0; output < Outputs; output++) Move(ref biases.Elements[ColumnOf(model, output)], ref own[output], outward);
    }

    /// <summary>Copies the weights of a model, or what stands beside them, out of, or into, their places.</summary>
    /// <param name="model">The model.</param>
    /// <param name="numbers">The numbers of all features.</param>
    /// <param name="offset">The first one of the first feature.</param>
    /// <param name="stride">The numbers from a feature to the next.</param>
    /// <param name="own">By output and then by feature.</param>
    /// <param name="outward">Whether they are copied out.</param>
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

        // So many features stay in the nearest cache while each of their outputs is copied.
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

    // What is more than a number can tell is more than an engine can hold, which it says.
    private static int Limited(long columns) => (int)Math.Min(int.MaxValue, columns);

    private int Slack => Stride % AlignedArray.Lanes == 0 || IsVector ? 0 : AlignedArray.Lanes;
}
