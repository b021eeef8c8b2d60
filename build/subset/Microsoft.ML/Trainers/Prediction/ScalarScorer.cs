using Microsoft.ML.Trainers;

namespace Microsoft.ML.Data;

/// <summary>Makes columns of what a model of one score a row gives for a column of features.</summary>
internal sealed class ScalarScorer(IScalarModel model, DataViewSchema.Column features)
{
    private readonly RowScores<float> _scores = new(row => ScoreGetter(row, model, features));

    /// <summary>A column whose value is made of the row's score.</summary>
    internal MappedColumn Column<TValue>(
        string name, DataViewType type, Func<float, TValue> value, DataViewSchema.Annotations annotations) =>
        new(new(name, type, annotations), [features.Index], row =>
        {
            var score = _scores.Of(row);
            ValueGetter<TValue> getter = (ref TValue destination) => destination = value(score.Current);
            return getter;
        });

    private static ValueGetter<float> ScoreGetter(DataViewRow row, IScalarModel model, DataViewSchema.Column features)
    {
        var getFeatures = row.GetGetter<VBuffer<float>>(features);
        var buffer = default(VBuffer<float>);
        return (ref float score) =>
        {
            getFeatures(ref buffer);
            score = model.Score(in buffer);
        };
    }
}
