namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>The memory of an engine into which <see cref="MetWeights"/> copies the weights and states that a minibatch uses.</summary>
internal interface ITakenOut
{
    /// <summary>The address of the first weight, a 32-bit number.</summary>
    nint Weights { get; }

    /// <summary>Returns the address of the first number of a state.</summary>
    /// <param name="i">The state: see <see cref="SparseRule.States"/>.</param>
    nint State(int i);

    /// <summary>Allocates memory. The previous content is not kept.</summary>
    /// <param name="places">The number of features.</param>
    /// <param name="length">The length of their weights, with padding.</param>
    void Resize(int places, int length);
}
