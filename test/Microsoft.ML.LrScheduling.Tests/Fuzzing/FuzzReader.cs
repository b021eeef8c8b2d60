namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

/// <summary>Something that is read from outside, and how it is used then.</summary>
/// <param name="name">What it is.</param>
/// <param name="makeSeeds">Makes good inputs, of which others are made by changes.</param>
/// <param name="read">
/// Reads an input, in an empty folder of which it may make use; returns what uses it. What the use throws is a fault, whatever it is.
/// </param>
/// <param name="refusal">The exception with which an input may be refused as it is read.</param>
internal sealed class FuzzReader(string name, Func<IEnumerable<byte[]>> makeSeeds, Func<byte[], string, Action> read, Type refusal)
{
    public string Name => name;

    public IReadOnlyList<byte[]> Seeds => field ??= [.. makeSeeds()];

    public Type Refusal => refusal;

    /// <summary>Whether a use takes long, since it trains or writes reports.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Inputs that are large, or claim to be.</summary>
    public IReadOnlyList<(string Name, Func<byte[]> Make)> Large { get; init; } = [];

    public Action Read(byte[] input, string folder) => read(input, folder);

    public override string ToString() => name;
}
