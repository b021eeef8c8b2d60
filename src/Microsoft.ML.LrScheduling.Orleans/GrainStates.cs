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
    public static async Task SaveOrForget<T>(this Grain grain, IPersistentState<T> state)
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            ((IGrainBase)grain).DeactivateOnIdle();
            throw;
        }
    }
}
