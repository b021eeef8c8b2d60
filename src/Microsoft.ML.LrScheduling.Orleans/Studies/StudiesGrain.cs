namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The list of the studies, in storage.</summary>
/// <param name="open">Their names.</param>
internal sealed class StudiesGrain(
    [PersistentState("studies", LrSchedulingSiloBuilderExtensions.StorageName)] IPersistentState<OpenStudies> open) : Grain, IStudiesGrain
{
    /// <inheritdoc/>
    public Task Open(string study) => open.State.Names.Contains(study) ? Task.CompletedTask : Save(() => open.State.Names.Add(study));

    /// <inheritdoc/>
    public Task Close(string study) => open.State.Names.Contains(study) ? Save(() => open.State.Names.Remove(study)) : Task.CompletedTask;

    /// <inheritdoc/>
    public Task<string[]> List() => Task.FromResult(open.State.Names.ToArray());

    private Task Save(Action change)
    {
        change();
        return open.State.Names.Count > 0 ? this.SaveOrForget(open) : this.ClearOrForget(open);
    }
}
