using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Calibrators;

/// <summary>Reads the rows that a calibrator is trained on.</summary>
internal static class CalibratorTraining
{
    /// <summary>Trains on a view that has scores.</summary>
    /// <param name="maximumRows">How many rows to read at most; 0 for all.</param>
    internal static ICalibrator Train(IChannel channel, ICalibratorTrainer trainer, IDataView scored,
        string labelColumn, string scoreColumn, string weightColumn = null, int maximumRows = 0)
    {
        if (!trainer.NeedsTraining) return trainer.Train([]);
        var label = scored.Schema[labelColumn];
        var score = scored.Schema[scoreColumn];
        DataViewSchema.Column? weight = weightColumn is null
            ? null
            : scored.Schema.GetColumnOrNull(weightColumn)
                ?? throw Contracts.ExceptSchemaMismatch(nameof(weightColumn), "weight", weightColumn);
        channel.Info(MessageSensitivity.None, "Training calibrator.");
        var examples = Read(scored, label, score, weight);
        return trainer.Train(maximumRows > 0 ? examples.Take(maximumRows) : examples);
    }

    /// <summary>Trains on what a model scores for a view.</summary>
    internal static ICalibrator Train(IChannel channel, ICalibratorTrainer trainer, IScalarModel model, IDataView data,
        string labelColumn, string featureColumn, int maximumRows)
    {
        var scores = new ScalarScorer(model, data.Schema[featureColumn])
            .Column(DefaultColumnNames.Score, NumberDataViewType.Single, score => score, DataViewSchema.Annotations.Empty);
        return Train(channel, trainer, new MappedView(data, [scores]), labelColumn, DefaultColumnNames.Score, maximumRows: maximumRows);
    }

    // Rows that lack a number teach nothing, and do not count.
    private static IEnumerable<ScoredExample> Read(
        IDataView scored, DataViewSchema.Column label, DataViewSchema.Column score, DataViewSchema.Column? weight)
    {
        using var cursor = scored.GetRowCursor(weight is { } read ? [label, score, read] : [label, score]);
        var getLabel = EvaluationColumns.LabelGetter(cursor, label);
        var getScore = cursor.GetGetter<float>(score);
        var getWeight = weight is { } column ? cursor.GetGetter<float>(column) : (ref float value) => value = 1;
        float actual = 0, output = 0, importance = 0;
        while (cursor.MoveNext())
        {
            getLabel(ref actual);
            getScore(ref output);
            getWeight(ref importance);
            if (float.IsFinite(actual) && float.IsFinite(output) && float.IsFinite(importance))
                yield return new(output, actual > 0, importance);
        }
    }
}
