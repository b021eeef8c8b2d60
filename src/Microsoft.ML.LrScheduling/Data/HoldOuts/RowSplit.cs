namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Parts rows, as they are read, into those to train on and those held back. Rows wait in memory where it is not yet known of one before
/// them to which side it goes, so that those of each side stay in their order.
/// </summary>
/// <param name="holdOut">Chooses.</param>
/// <param name="training">Receives the rows to train on.</param>
/// <param name="validation">Receives those held back.</param>
internal sealed class RowSplit(HoldOut holdOut, TrainingSetBuilder training, TrainingSetBuilder validation)
{
    private readonly Queue<Row> _waiting = [];

    /// <summary>Adds a row: see <see cref="TrainingSetBuilder.Add"/>.</summary>
    /// <param name="values">The features, or those that are not zero.</param>
    /// <param name="indices">The feature of each value; empty for a row that has them all.</param>
    /// <param name="label">The label.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="key">What rows have in common that stay together; null for a row by itself.</param>
    public void Add(ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float label, float weight, object? key)
    {
        var unit = holdOut.UnitOfNext(key);
        GiveOut();
        if (_waiting.Count == 0 && holdOut.IsHeldBack(unit) is { } isHeldBack)
            (isHeldBack ? validation : training).Add(values, indices, label, weight);
        else _waiting.Enqueue(new Row(values.ToArray(), indices.ToArray(), label, weight, unit));
    }

    /// <summary>Says that no further row comes.</summary>
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
