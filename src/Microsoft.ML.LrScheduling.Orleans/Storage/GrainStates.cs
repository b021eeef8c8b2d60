namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>How grains keep their state.</summary>
internal static class GrainStates
{
    /// <summary>
    /// Writes the state. Where that fails the grain forgets what it has, and reads what storage has when it is next called: who asked is
    /// told, and asks again.
    /// </summary>
    /// <param name="grain">The grain.</param>
    /// <param name="state">Its state.</param>
    public static Task SaveOrForget<T>(this Grain grain, IPersistentState<T> state) => DoOrForget(grain, () => state.WriteStateAsync());

    /// <summary>Clears the state; where that fails as <see cref="SaveOrForget"/> does.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="state">Its state.</param>
    public static Task ClearOrForget<T>(this Grain grain, IPersistentState<T> state) => DoOrForget(grain, () => state.ClearStateAsync());

    private static async Task DoOrForget(Grain grain, Func<Task> change)
    {
        try
        {
            await change();
        }
        catch
        {
            ((IGrainBase)grain).DeactivateOnIdle();
            throw;
        }
    }
}
