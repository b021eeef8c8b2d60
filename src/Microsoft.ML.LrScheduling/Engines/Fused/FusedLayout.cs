using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

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
internal sealed record FusedLayout(int Models, int Outputs, int Features, bool IsSparse)
{
    /// <summary>The longest array of weights, with the place that aligning it takes.</summary>
    public const int LongestWeights = int.MaxValue - 127;

    // The kernels take so many features at once.
    private const int FeatureStep = 4;

    /// <summary>Whether there is one score a row: the weights are a vector, else a matrix [feature, column].</summary>
    public bool IsVector => Models == 1 && Outputs == 1;

    /// <summary>The models, with those that fill the last vector where models are lanes.</summary>
    public int PaddedModels { get; } = Models == 1 ? 1 : AlignedArray.Padded(Models);

    /// <summary>The scores of a row, with what fills the last vector: 1, or a multiple of 16.</summary>
    public int Columns { get; } = (Models, Outputs) switch
    {
        (1, 1) => 1,
        (1, _) => AlignedArray.Padded(Outputs),
        _ => checked(AlignedArray.Padded(Models) * Outputs),
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

    /// <summary>The least number of weights that are updated at once: those of one feature, or of sixteen.</summary>
    public int BlockLength => IsVector ? AlignedArray.Lanes : Stride;

    /// <summary>The length of the biases.</summary>
    public int BiasLength => IsVector ? AlignedArray.Lanes : Columns;

    /// <summary>
    /// The length of what repeats along weights and biases: a number for each model, or sixteen times that of the only one.
    /// </summary>
    public int LaneLength => Math.Max(PaddedModels, AlignedArray.Lanes);

    /// <summary>The column of an output of a model.</summary>
    public int ColumnOf(int model, int output) => Models == 1 ? output : output * PaddedModels + model;

    /// <summary>Copies the weights of a model out of, or into, their places.</summary>
    public void Copy(int model, AlignedArray weights, AlignedArray biases, LinearWeights own, bool outward)
    {
        for (var output = 0; output < Outputs; output++)
        {
            var column = ColumnOf(model, output);
            Move(ref biases.Elements[column], ref own.Biases[output]);
            for (var feature = 0; feature < Features; feature++)
                Move(ref weights.Elements[feature * Stride + column], ref own.Weights[output * Features + feature]);
        }

        void Move(ref float place, ref float value)
        {
            if (outward) value = place;
            else place = value;
        }
    }

    private int Slack => Stride % AlignedArray.Lanes == 0 || IsVector ? 0 : AlignedArray.Lanes;
}
