using System.Collections.Immutable;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Data;

/// <summary>How many rows to permute how often; see <see cref="PermutationFeatureImportanceExtensions"/>.</summary>
internal readonly record struct PermutationOptions(bool UseFeatureWeightFilter, int? NumberOfExamplesToUse, int PermutationCount);

/// <summary>Measures by how much metrics change where one feature's values are dealt out anew among the rows.</summary>
internal sealed class PermutationFeatureImportance<TMetrics, TStatistics>(
    IHostEnvironment env, Func<IDataView, TMetrics> evaluate, Func<TStatistics> createStatistics, PermutationOptions options)
    where TStatistics : IMetricsStatistics<TMetrics>
{
    private readonly IHost _host = env.Register(nameof(PermutationFeatureImportance<TMetrics, TStatistics>));

    internal ImmutableArray<TStatistics> Measure(IPredictionTransformer<object> model, IDataView data, string featureColumn)
    {
        Contracts.CheckValue(model, nameof(model));
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckNonEmpty(featureColumn, nameof(featureColumn));
        Contracts.Check(options.NumberOfExamplesToUse is null or > 0,
            "Provide how many examples to use (positive number) or set to null to use whole dataset.");

        using var channel = _host.Start("GetImportanceMetrics");
        // The baseline is that of all rows, however few are permuted.
        var baseline = evaluate(model.Transform(data));
        var features = data.Schema[featureColumn];
        var random = new Random(_host.Rand.Next());
        var statistics = ImmutableArray.CreateBuilder<TStatistics>();
        foreach (var slot in Slots(channel, model.Model, features.Type.GetValueCount()))
        {
            var values = Read(data, features, slot);
            if (values.Length == 0)
            {
                channel.Warning(MessageSensitivity.None, "There are no rows to evaluate the model on.");
                return [];
            }
            var differences = createStatistics();
            for (var i = 0; i < options.PermutationCount; i++)
            {
                random.Shuffle(values);
                differences.AddDifference(evaluate(model.Transform(Permuted(data, features, slot, values))), baseline);
            }
            statistics.Add(differences);
        }
        return statistics.ToImmutable();
    }

    /// <summary>
    /// The slots to permute. The filter of ML.NET 5.0.0 leaves none out, but for all if all weights are zero; after all slots it goes through
    /// those that have a weight once more. Who reads results by slot relies on what comes first.
    /// </summary>
    private IEnumerable<int> Slots(IChannel channel, object model, int count)
    {
        var all = Enumerable.Range(0, count);
        if (!options.UseFeatureWeightFilter || model is not IHaveFeatureWeights { Weights: var weights }) return all;
        var weighted = all.Where(slot => weights[slot] != 0).ToArray();
        if (weighted.Length > 0) return all.Concat(weighted);
        channel.Warning(MessageSensitivity.None, "All weights are zero, so that no feature matters to the model.");
        return [];
    }

    private float[] Read(IDataView data, DataViewSchema.Column features, int slot)
    {
        using var cursor = data.GetRowCursor([features]);
        var getFeatures = cursor.GetGetter<VBuffer<float>>(features);
        var buffer = default(VBuffer<float>);
        var values = new List<float>();
        while (values.Count != options.NumberOfExamplesToUse && cursor.MoveNext())
        {
            getFeatures(ref buffer);
            values.Add(buffer.GetItemOrDefault(slot));
        }
        return [.. values];
    }

    private IDataView Permuted(IDataView data, DataViewSchema.Column features, int slot, float[] values)
    {
        var permuted = PermutedSlot.In(data, features, slot, values);
        return values.Length == options.NumberOfExamplesToUse ? new SkipTakeView(permuted, 0, values.Length) : permuted;
    }
}
