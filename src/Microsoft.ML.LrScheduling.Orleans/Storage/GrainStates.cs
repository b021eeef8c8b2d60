namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Writes the states of grains.</summary>
internal static class GrainStates
{
    /// <summary>
    /// Writes the state. If that fails, the grain is deactivated, and its next activation reads the state from storage. The caller gets the
    /// exception, and repeats its call.
    /// </summary>
    /// <param name="grain">The grain.</param>
    /// <param name="state">Its state.</param>
    public static Task SaveOrForget<T>(this Grain grain, IPersistentState<T> state) => DoOrForget(grain, () => state.WriteStateAsync());

    /// <summary>Deletes the state, with the same rule for failures as <see cref="SaveOrForget"/>.</summary>
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
