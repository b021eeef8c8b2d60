namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Splits rows into training rows and validation rows while they are read. If it is not known yet to which side a row belongs, this row and
/// all later rows wait in memory, so that the rows of each side stay in order.
/// </summary>
/// <param name="holdOut">Chooses the rows.</param>
/// <param name="training">Receives the training rows.</param>
/// <param name="validation">Receives the validation rows.</param>
internal sealed class RowSplit(HoldOut holdOut, TrainingSetBuilder training, TrainingSetBuilder validation)
{
    private readonly Queue<Row> _waiting = [];

    /// <summary>Adds a row: see <see cref="TrainingSetBuilder.Add"/>.</summary>
    /// <param name="values">All features, or the ones that are not zero.</param>
    /// <param name="indices">The feature of each value; empty if the row has all features.</param>
    /// <param name="label">The label.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="key">The key of rows that stay together; null for a row of its own.</param>
    public void Add(ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float label, float weight, object? key)
    {
        var unit = holdOut.UnitOfNext(key);
        GiveOut();
        if (_waiting.Count == 0 && holdOut.IsHeldBack(unit) is { } isHeldBack)
            (isHeldBack ? validation : training).Add(values, indices, label, weight);
        else _waiting.Enqueue(new Row(values.ToArray(), indices.ToArray(), label, weight, unit));
    }

    /// <summary>Ends the rows.</summary>
    public void End()
    {
        holdOut.End();
        GiveOut();
    }

    private void GiveOut()
    {
        while (_waiting.TryPeek(out var row) && holdOut.IsHeldBack(row.Unit) is { } isHeldBack)
        {
            (isHeldBack ? validation : training).Add(row.Values, row.Indices, row.Label, row.Weight);
            _waiting.Dequeue();
        }
    }

    private readonly record struct Row(float[] Values, int[] Indices, float Label, float Weight, long Unit);
}
