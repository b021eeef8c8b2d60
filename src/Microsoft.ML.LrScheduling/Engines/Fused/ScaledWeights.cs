using System.Runtime.CompilerServices;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines.Sparse;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// The weights of <see cref="SparseSgdModels"/> as they are stored: <c>w = scale · v</c>, with one scale for all weights of a model, and
/// the L1 shrinkage of weights that no minibatch has used since.
/// </summary>
internal sealed class ScaledWeights
{
    private readonly WeightLayout _layout;
    // The skipped step at which the weights of a feature were last up to date. With one model and one output, it is next to the weight
    // instead.
    private readonly int[] _upToDate;
    private readonly float[] _thresholds;

    /// <param name="problem">The problem to train.</param>
    /// <param name="layout">The layout of the weights.</param>
    public ScaledWeights(LinearProblem problem, WeightLayout layout)
    {
        _layout = layout;
        var shrinks = problem.Models.Any(own => own.L1Regularization > 0);
        Shift = layout.IsVector && shrinks ? 1 : 0;
        Stride = layout.Stride << Shift;
        Values = new AlignedArray(checked(layout.WeightLength << Shift));
        LeftOut = shrinks ? new LeftOutSteps(layout.Models, layout.Features, shrinks: true, carries: false) : null;
        _upToDate = new int[shrinks && !layout.IsVector ? layout.Features : 0];
        _thresholds = new float[layout.PaddedModels];
        Scales = new double[layout.Models];
        Array.Fill(Scales, 1);
        if (problem.Initial is not { Weights: { Length: > 0 } initial }) return;
        for (var model = 0; model < layout.Models; model++)
            layout.CopyWeights(model, Values, offset: 0, Stride, initial, outward: false);
    }

    /// <summary>The weights v.</summary>
    public AlignedArray Values { get; }

    /// <summary>The distance between the weights of two adjacent features.</summary>
    public int Stride { get; }

    /// <summary>The binary logarithm of the stride, if there is one weight per feature.</summary>
    public int Shift { get; }

    /// <summary>The scale of each model.</summary>
    public double[] Scales { get; }

    /// <summary>The L1 shrinkage that is not yet applied; null if there is no L1 penalty.</summary>
    public LeftOutSteps? LeftOut { get; }

    /// <summary>Brings all weights up to date.</summary>
    public void CatchUp()
    {
        for (var feature = 0; feature < _layout.Features; feature++) CatchUp(feature, steps: 0);
        LeftOut!.Clear();
    }

    /// <summary>Brings the weights of a feature up to date, and marks them as up to date after <paramref name="steps"/> steps.</summary>
    public void CatchUp(int feature, int steps)
    {
        ref var upToDate = ref UpToDate(feature);
        ref var weight = ref Unsafe.Add(ref Values.First, (nint)feature * Stride);
        if (_layout.Models == 1)
        {
            var threshold = LeftOut!.Threshold(0, upToDate);
            for (var output = 0; output < _layout.Outputs; output++)
            {
                ref var own = ref Unsafe.Add(ref weight, output);
                own = Proximal.Shrink(own, threshold);
            }
        }
        else if (upToDate != LeftOut!.Count)
        {
            for (var model = 0; model < _layout.Models; model++) _thresholds[model] = LeftOut.Threshold(model, upToDate);
            for (var column = 0; column < _layout.Columns; column++)
            {
                ref var own = ref Unsafe.Add(ref weight, column);
                own = Proximal.Shrink(own, _thresholds[column % _thresholds.Length]);
            }
        }

        upToDate = steps;
    }

    /// <summary>Multiplies all weights of a model by a factor: through the scale, as long as the scale stays in range.</summary>
    public void Multiply(int model, double factor)
    {
        var scale = Scales[model] * factor;
        if (SharedScale.IsFit(scale))
        {
            Scales[model] = scale;
            return;
        }

        for (var output = 0; output < _layout.Outputs; output++)
        {
            ref var weight = ref Unsafe.Add(ref Values.First, _layout.ColumnOf(model, output));
            for (var feature = 0; feature < _layout.Features; feature++) Unsafe.Add(ref weight, (nint)feature * Stride) *= (float)scale;
        }

        LeftOut?.Scale(model, Math.Abs(scale));
        Scales[model] = 1;
    }

    /// <summary>Copies the weights w of a model, by output and then by feature.</summary>
    public void CopyTo(int model, float[] weights)
    {
        _layout.CopyWeights(model, Values, offset: 0, Stride, weights, outward: true);
        var scale = (float)Scales[model];
        for (var output = 0; output < _layout.Outputs; output++)
        {
            var own = weights.AsSpan(output * _layout.Features, _layout.Features);
            for (var feature = 0; LeftOut is not null && feature < own.Length; feature++)
                own[feature] = Proximal.Shrink(own[feature], LeftOut.Threshold(model, UpToDate(feature)));
            foreach (ref var weight in own) weight *= scale;
        }
    }

    /// <summary>Writes the weights of a model as they are stored.</summary>
    public void Save(int model, BinaryWriter writer)
    {
        var saved = new SavedWeights(new float[_layout.Outputs * _layout.Features]) { Scale = Scales[model] };
        _layout.CopyWeights(model, Values, offset: 0, Stride, saved.Weights, outward: true);
        if (LeftOut is { Count: > 0 })
        {
            saved.UpToDate = new int[_layout.Features];
            for (var feature = 0; feature < _layout.Features; feature++) saved.UpToDate[feature] = UpToDate(feature);
        }

        saved.Save(writer);
        if (saved.UpToDate.Length > 0) LeftOut!.Save(model, writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The data belongs to a different model.</exception>
    public void Load(int model, BinaryReader reader)
    {
        var saved = SavedWeights.Load(reader, _layout.Outputs * _layout.Features, _layout.Features);
        Scales[model] = saved.Scale;
        _layout.CopyWeights(model, Values, offset: 0, Stride, saved.Weights, outward: false);
        if (LeftOut is null)
        {
            if (saved.UpToDate.Length == 0) return;
            throw new InvalidDataException("There must be no steps to catch up with where there is no L1 penalty. Received: some");
        }

        for (var feature = 0; feature < _layout.Features; feature++)
            UpToDate(feature) = saved.UpToDate.Length == 0 ? 0 : saved.UpToDate[feature];
        if (saved.UpToDate.Length == 0) LeftOut.Clear();
        else LeftOut.Load(model, reader, saved.UpToDate);
    }

    /// <summary>The number of steps after which the weights of a feature were last up to date.</summary>
    private ref int UpToDate(int feature) => ref _layout.IsVector
        ? ref Unsafe.As<float, int>(ref Unsafe.Add(ref Values.First, ((nint)feature << Shift) + 1))
        : ref _upToDate[feature];
}
