using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

internal static class LargestContributions
{
    /// <summary>
    /// Writes the positive contributions that are largest and the negative ones that are lowest, so many of each, in their slots; of equal
    /// ones, those in the last slots. What adds nothing, or is missing, is left out.
    /// </summary>
    /// <param name="contributions">All contributions, in the order of their slots.</param>
    /// <param name="top">How many positive ones to write.</param>
    /// <param name="bottom">How many negative ones to write.</param>
    /// <param name="normalize">Whether to divide by the largest absolute value written.</param>
    /// <param name="length">How many slots there are.</param>
    /// <param name="destination">Where to write.</param>
    internal static void Write(List<FeatureContribution> contributions, int top, int bottom, bool normalize, int length,
        ref VBuffer<float> destination)
    {
        var largest = contributions.Where(contribution => contribution.Value > 0)
            .OrderByDescending(contribution => contribution.Value).ThenByDescending(contribution => contribution.Slot).Take(top);
        var lowest = contributions.Where(contribution => contribution.Value < 0)
            .OrderBy(contribution => contribution.Value).ThenByDescending(contribution => contribution.Slot).Take(bottom);
        var kept = largest.Concat(lowest).OrderBy(contribution => contribution.Slot).ToArray();
        var scale = normalize && kept.Length > 0 ? 1 / kept.Max(contribution => Math.Abs(contribution.Value)) : 1;

        var editor = VBufferEditor.Create(ref destination, length, kept.Length);
        for (var i = 0; i < kept.Length; i++)
        {
            editor.Values[i] = scale * kept[i].Value;
            if (kept.Length < length) editor.Indices[i] = kept[i].Slot;
        }
        destination = editor.Commit();
    }
}
