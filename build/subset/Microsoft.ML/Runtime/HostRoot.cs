namespace Microsoft.ML.Runtime;

/// <summary>What all hosts of one <see cref="MLContext"/> share.</summary>
internal sealed class HostRoot
{
    private volatile bool _isCanceled;

    internal int? Seed { get; init; }

    internal Action<string, ChannelMessage> Listener { get; set; }

    internal ComponentCatalog ComponentCatalog { get; } = new();

    internal string TempFilePath { get; set; } = Path.GetTempPath();

    internal bool IsCanceled => _isCanceled;

    internal void Cancel() => _isCanceled = true;

    internal void Dispatch(string source, ChannelMessage message) => Listener?.Invoke(source, message);
}
