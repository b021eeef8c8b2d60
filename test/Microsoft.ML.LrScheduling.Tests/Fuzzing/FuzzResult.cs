namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

/// <summary>What came of the inputs of one reader.</summary>
internal sealed record FuzzResult
{
    /// <summary>The reader, and for a large input what that was.</summary>
    public required string Reader { get; init; }

    public int Cases { get; init; }

    /// <summary>Those that were refused with the exception that is documented.</summary>
    public int Refused { get; init; }

    /// <summary>Those that were read and used.</summary>
    public int Accepted { get; init; }

    /// <summary>What went wrong, a line each.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>
    /// The longest time that an input took to read, in milliseconds, without that in which the machine did something else.
    /// </summary>
    public double SlowestReading { get; init; }

    /// <summary>The longest time that what had been read took to use, in the same way.</summary>
    public double SlowestUse { get; init; }

    public double Slowest => Math.Max(SlowestReading, SlowestUse);

    /// <summary>The most memory that was resident, in MB of 2^20 bytes, above what was before the first case.</summary>
    public double PeakMemory { get; init; }

    public bool IsGood => Faults.Count == 0 && Slowest <= Fuzzer.LongestTime.TotalMilliseconds && PeakMemory <= Fuzzer.MostMemory >> 20;
}
