using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public sealed class KeyCount
{
    public ulong? Count;

    /// <summary>As many keys as the column's type can hold.</summary>
    public KeyCount()
    {
    }

    public KeyCount(ulong count)
    {
        Contracts.CheckParam(count > 0, nameof(count), $"Must be positive, got {count}");
        Count = count;
    }
}
