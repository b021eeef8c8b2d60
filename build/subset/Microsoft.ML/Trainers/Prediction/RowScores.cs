using System.Runtime.CompilerServices;

namespace Microsoft.ML.Data;

/// <summary>The model's output for the rows of a view: computed once a row, however many columns are made of it.</summary>
internal sealed class RowScores<TScore>(Func<DataViewRow, ValueGetter<TScore>> createScorer)
{
    private readonly ConditionalWeakTable<DataViewRow, RowScore<TScore>> _rows = [];

    internal RowScore<TScore> Of(DataViewRow row) => _rows.GetValue(row, r => new RowScore<TScore>(r, createScorer(r)));
}

internal sealed class RowScore<TScore>(DataViewRow row, ValueGetter<TScore> scorer)
{
    private long _position = long.MinValue;
    private TScore _score;

    /// <summary>The score at the row's present position.</summary>
    internal ref readonly TScore Current
    {
        get
        {
            if (_position != row.Position)
            {
                scorer(ref _score);
                _position = row.Position;
            }
            return ref _score;
        }
    }
}
