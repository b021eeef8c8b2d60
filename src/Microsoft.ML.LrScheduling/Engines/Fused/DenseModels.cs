using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// Trains models on dense rows. It computes the scores, the derivatives of the loss (slopes) and the gradients tile by tile, while the rows
/// are in the nearest cache, and then updates the weights in one pass.
/// </summary>
internal sealed class DenseModels : FusedModels
{
    // The minimum work of a part takes tens of microseconds, and waking and joining threads takes one or two. A matrix-vector product is
    // limited by memory and so takes longer for the same number of products than a matrix-matrix product.
    private const long LeastVectorProducts = 1 << 17;
    private const long LeastMatrixProducts = 1 << 20;
    private const int MostParts = 16;
    private const int PartRows = 16;

    private readonly LinearProblem _problem;
    private readonly AlignedArray _weights;
    private readonly AlignedArray _biases;
    private readonly FusedKernel _kernel;
    private readonly FusedOptimizer _optimizer;
    private readonly FusedPart[] _parts;
    private readonly WorkerTeam _team;

    // The minibatch of the step.
    private RowWindow? _window;
    private int _start;
    private int _count;
    private int _rowsOfPart;

    /// <param name="problem">The problem to train.</param>
    /// <param name="layout">The layout of the weights.</param>
    /// <param name="threads">The number of threads.</param>
    public DenseModels(LinearProblem problem, WeightLayout layout, int threads)
        : base(layout)
    {
        _problem = problem;
        var rows = problem.Rows;
        (_weights, _biases) = (new AlignedArray(layout.WeightLength), new AlignedArray(layout.BiasLength));
        if (problem.Initial is { } initial)
            for (var model = 0; model < problem.Models.Count; model++)
                layout.Copy(model, _weights, _biases, initial, outward: false);

        _optimizer = new FusedOptimizer(
            problem, layout, FusedGroup.OfWeights(problem, layout, _weights), FusedGroup.OfBiases(problem, layout, _biases));
        _kernel = ShortVectorKernel.Fits(layout) ? new ShortVectorKernel(rows, layout, _weights, _biases)
            : layout.IsVector ? new DenseVectorKernel(rows, layout, _weights, _biases)
            : new DenseMatrixKernel(rows, layout, _weights, _biases);
        _parts = [.. Enumerable.Range(0, PartsOf(Math.Min(problem.BatchSize, problem.WindowRows)))
            .Select(_ => new FusedPart(layout, _kernel.TileRows, _kernel.TileValues, layout.WeightLength))];
        _team = new WorkerTeam(threads, TrainPart);
    }

    /// <inheritdoc/>
    public override void Step(RowWindow window, int start, int count, ReadOnlySpan<double> rates, ReadOnlySpan<double> momenta)
    {
        (_window, _start, _count) = (window, start, count);
        var parts = PartsOf(count);
        _rowsOfPart = parts == 1 ? count : ((count - 1) / parts / PartRows + 1) * PartRows;
        if (parts == 1) TrainPart(0);
        else
        {
            parts = (count - 1) / _rowsOfPart + 1;
            _team.Run(parts);
            for (var part = 1; part < parts; part++) AddTo(_parts[0], _parts[part]);
        }

        _parts[0].Losses.CopyTo(Losses, 0);
        Array.Clear(_parts[0].Losses);
        _optimizer.Begin(rates, momenta);
        _optimizer.Update(_parts[0].Gradient, _parts[0].BiasGradient, count, Layout.WeightLength);
    }

    /// <inheritdoc/>
    public override void Save(int model, BinaryWriter writer) => _optimizer.Save(model, writer);

    /// <inheritdoc/>
    public override void Load(int model, BinaryReader reader) => _optimizer.Load(model, reader);

    /// <inheritdoc/>
    public override LinearWeights GetWeights(int model)
    {
        var weights = Layout.NewWeights();
        Layout.Copy(model, _weights, _biases, weights, outward: true);
        return weights;
    }

    /// <inheritdoc/>
    public override void Dispose() => _team.Dispose();

    private int PartsOf(int count)
    {
        var products = (long)count * Layout.Features * Layout.Columns;
        return (int)Math.Clamp(products / (Layout.IsVector ? LeastVectorProducts : LeastMatrixProducts), 1, MostParts);
    }

    private void TrainPart(int number)
    {
        var (part, window, loss) = (_parts[number], _window!, _problem.Loss);
        var first = _start + number * _rowsOfPart;
        var end = Math.Min(first + _rowsOfPart, _start + _count);
        for (var start = first; start < end; start += _kernel.TileRows)
        {
            var tile = new RowTile(window, start, Math.Min(_kernel.TileRows, end - start));
            _kernel.Score(tile, part);
            var scores = part.Scores.Elements[..(tile.Count * Layout.Columns)];
            if (Layout.Models == 1) part.Losses[0] += loss.ToGradients(scores, Layout.Outputs, tile.Labels, tile.Weights);
            else loss.ToGradientsOfModels(scores, Layout.Outputs, tile.Labels, tile.Weights, part.Losses);
            _kernel.AddGradients(tile, part);
        }
    }

    /// <summary>Adds the sums of a part to the total, and clears the part.</summary>
    private static void AddTo(FusedPart total, FusedPart part)
    {
        Move(part.Gradient, total.Gradient);
        Move(part.BiasGradient, total.BiasGradient);
        for (var model = 0; model < part.Losses.Length; model++) total.Losses[model] += part.Losses[model];
        Array.Clear(part.Losses);

        static void Move(AlignedArray from, AlignedArray to)
        {
            ref var source = ref from.First;
            ref var target = ref to.First;
            for (nuint i = 0; i < (nuint)from.Length; i += AlignedArray.Lanes)
            {
                (Vector512.LoadUnsafe(ref target, i) + Vector512.LoadUnsafe(ref source, i)).StoreUnsafe(ref target, i);
                Vector512<float>.Zero.StoreUnsafe(ref source, i);
            }
        }
    }
}
