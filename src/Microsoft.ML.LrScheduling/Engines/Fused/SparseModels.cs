using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines.Sparse;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// Trains models on sparse rows with any optimizer. The weights that a minibatch uses are copied side by side, trained as a small dense
/// problem, and copied back. See <see cref="MetWeights"/>.
/// </summary>
internal sealed class SparseModels : FusedModels
{
    // Losses are summed in single precision, so the number of rows in such a sum is limited.
    private const int RowsTogether = 256;

    private readonly LinearProblem _problem;
    private readonly FusedGroup _group;
    private readonly FusedTakenOut _taken;
    private readonly MetWeights _weights;
    private readonly AlignedArray _biases;
    private readonly FusedOptimizer _optimizer;
    private readonly FusedPart _sums;

    /// <param name="problem">The problem to train.</param>
    /// <param name="layout">The layout of the weights.</param>
    /// <param name="hasMomentum">Whether an optimizer or a schedule gives a momentum.</param>
    /// <exception cref="InvalidOperationException">The weights are more than an array can hold.</exception>
    public SparseModels(LinearProblem problem, WeightLayout layout, bool hasMomentum)
        : base(layout)
    {
        _problem = problem;
        _group = FusedGroup.OfWeights(problem, layout);
        _taken = new FusedTakenOut(_group);
        _weights = new MetWeights(problem, problem.Models, layout, hasMomentum, _taken, "fused");
        _biases = new AlignedArray(layout.BiasLength);
        _optimizer = new FusedOptimizer(problem, layout, _group, FusedGroup.OfBiases(problem, layout, _biases));
        var rows = Math.Min(RowsTogether, Math.Min(problem.BatchSize, problem.WindowRows));
        _sums = new FusedPart(layout, rows, tileValues: 0, gradientLength: 0);
        for (var model = 0; problem.Initial is { } initial && model < layout.Models; model++)
            layout.CopyBiases(model, _biases, initial.Biases, outward: false);
    }

    /// <inheritdoc/>
    public override void Step(RowWindow window, int start, int count, ReadOnlySpan<double> rates, ReadOnlySpan<double> momenta)
    {
        _weights.TakeOut(window, start, count);
        Array.Clear(Losses);
        var values = 0;
        for (var first = 0; first < count; first += RowsTogether)
            values = Train(new RowTile(window, start + first, Math.Min(RowsTogether, count - first)), values);
        _optimizer.Begin(rates, momenta);
        _optimizer.Update(_taken.Gradient, _sums.BiasGradient, count, _weights.Length);
        _weights.PutBack(_group.Numbers);
    }

    /// <inheritdoc/>
    public override void EndEpoch() => _weights.CatchUp();

    /// <inheritdoc/>
    public override LinearWeights GetWeights(int model)
    {
        var weights = new LinearWeights(_weights.Weights(model), new float[Layout.Outputs]);
        Layout.CopyBiases(model, _biases, weights.Biases, outward: true);
        return weights;
    }

    /// <inheritdoc/>
    public override void Save(int model, BinaryWriter writer)
    {
        _optimizer.SaveBiases(model, writer);
        _weights.Save(model, _group.HasMomentum[model], writer);
    }

    /// <inheritdoc/>
    public override void Load(int model, BinaryReader reader)
    {
        _optimizer.LoadBiases(model, reader);
        _group.HasMomentum[model] = _weights.Load(model, reader);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    /// <summary>Computes the losses of some rows, and adds their gradients.</summary>
    /// <param name="tile">The rows.</param>
    /// <param name="values">The number of values in the rows of the minibatch before these.</param>
    /// <returns>The number of values up to the end of these rows.</returns>
    private int Train(RowTile tile, int values)
    {
        ref var weight = ref _group.Values.First;
        var (columns, place) = (Layout.Columns, values);
        for (var row = 0; row < tile.Count; row++)
        {
            var entries = _weights.InPlaces(tile.Window.Entries(tile.Start + row), place);
            place += entries.Indices.Length;
            ref var score = ref Unsafe.Add(ref _sums.Scores.First, (nint)row * columns);
            if (Layout.IsVector) score = SparseProducts.Dot(entries, ref weight, shift: 0) + _biases.First;
            else
            {
                SparseProducts.Multiply(entries, ref weight, Layout.Stride, columns, ref score);
                for (nuint column = 0; column < (nuint)columns; column += AlignedArray.Lanes)
                    (Vector512.LoadUnsafe(ref score, column) + Vector512.LoadUnsafe(ref _biases.First, column))
                        .StoreUnsafe(ref score, column);
            }
        }

        var scores = _sums.Scores.Elements[..(tile.Count * columns)];
        if (Layout.Models == 1) Losses[0] += _problem.Loss.ToGradients(scores, Layout.Outputs, tile.Labels, tile.Weights);
        else _problem.Loss.ToGradientsOfModels(scores, Layout.Outputs, tile.Labels, tile.Weights, Losses);

        ref var gradient = ref _taken.Gradient.First;
        SparseProducts.AddSlopes(scores, tile.Count, Layout, ref _sums.BiasGradient.First);
        for (var row = 0; row < tile.Count; row++)
        {
            var entries = _weights.InPlaces(tile.Window.Entries(tile.Start + row), values);
            values += entries.Indices.Length;
            ref var slope = ref Unsafe.Add(ref _sums.Scores.First, (nint)row * columns);
            if (Layout.IsVector) SparseProducts.AddTo(entries, slope, ref gradient, shift: 0);
            else SparseProducts.AddTo(entries, ref slope, ref gradient, Layout.Stride);
        }

        return values;
    }
}
