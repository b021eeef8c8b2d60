namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>Where an engine has the weights that <see cref="MetWeights"/> takes out, side by side, and what it remembers of them.</summary>
internal interface ITakenOut
{
    /// <summary>Where the first weight is, a 32-bit number.</summary>
    nint Weights { get; }

    /// <summary>Where the first number of a state is.</summary>
    /// <param name="i">The state: see <see cref="SparseRule.States"/>.</param>
    nint State(int i);

    /// <summary>Makes room. What is there need not be kept.</summary>
    /// <param name="places">The features that there is to be room for.</param>
    /// <param name="length">The numbers that their weights take, and some more.</param>
    void Resize(int places, int length);
}
