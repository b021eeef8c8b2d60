using Microsoft.ML.LrScheduling.Sweeps;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A batch of trials that the workers of a cluster measure on one fold of a cross-validation.</summary>
/// <param name="fold">The fold, from 0.</param>
/// <param name="trials">The trials, in order.</param>
/// <param name="work">The trials and the fold as bytes.</param>
internal sealed class ClusterFold(int fold, IReadOnlyList<TrialWork> trials, byte[] work) : ClusterWork(trials, work)
{
    private readonly List<FoldResult> _results = [];
    private string? _failure;

    /// <inheritdoc/>
    public override Submission Submission => new(Name, Trials.Count, IsWhole: true);

    /// <inheritdoc/>
    public override bool IsOver => _failure is not null || _results.Count >= Trials.Count;

    /// <summary>The scores.</summary>
    /// <exception cref="InvalidOperationException">The fold cannot be measured.</exception>
    public IReadOnlyList<FoldResult> Results => _failure is null ? _results : throw new InvalidOperationException(_failure);

    /// <inheritdoc/>
    protected override bool DependsOnCompany => true;

    /// <inheritdoc/>
    protected override void Add(FinishedPart part, byte[]? results)
    {
        if (results is null)
        {
            _results.AddRange(Trials.Skip(part.First).Take(part.Count)
                .Select(trial => new FoldResult(fold, trial.Number, Score: null, part.Failure)));
            return;
        }

        var measured = MeasuredFold.Read(results);
        _results.AddRange(measured.Results);
        _failure ??= measured.Failure;
    }
}
