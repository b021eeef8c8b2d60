using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>
/// The arithmetic of training. It trains K linear models on the same rows in the same order; each model has its own rates at each step. It
/// knows losses, optimizers and rows, but not schedules, epochs or ML.NET.
/// </summary>
/// <remarks>
/// A model has two parameter groups: <see cref="WeightGroup"/> and <see cref="BiasGroup"/> (one bias per output). Rates and momenta are
/// passed as spans with the index <c>model · GroupCount + group</c>. An engine is not thread-safe.
/// </remarks>
internal interface ILinearEngine : IDisposable
{
    /// <summary>The parameter group of the weights.</summary>
    const int WeightGroup = 0;

    /// <summary>The parameter group of the bias.</summary>
    const int BiasGroup = 1;

    /// <summary>The number of parameter groups of a model.</summary>
    const int GroupCount = 2;

    /// <summary>K, the number of models.</summary>
    int ModelCount { get; }

    /// <summary>Sets the training rows for the next steps.</summary>
    /// <param name="window">
    /// Rows of the training set, at most <see cref="LinearProblem.WindowRows"/>. The window must not change while steps use it.
    /// </param>
    void LoadWindow(RowWindow window);

    /// <summary>Takes one optimizer step of each model on a minibatch.</summary>
    /// <param name="start">The first row of the minibatch in the window, a multiple of the batch size.</param>
    /// <param name="count">The number of rows: the batch size, or fewer at the end of the window.</param>
    /// <param name="learningRates">K · <see cref="GroupCount"/> rates.</param>
    /// <param name="momenta">K · <see cref="GroupCount"/> momenta; empty for the momenta of the optimizers' configuration.</param>
    void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta);

    /// <summary>The mean loss of the last minibatch, with the weights before its step.</summary>
    /// <param name="model">The model, from 0.</param>
    double LastLoss(int model);

    /// <summary>
    /// Returns the mean loss over the rows since the last call, each with the weights before its step, and starts a new mean.
    /// </summary>
    /// <param name="losses">Receives K losses; NaN if there was no step.</param>
    void TakeTrainingLosses(Span<double> losses);

    /// <summary>
    /// Writes the complete state of a model between two minibatches: weights, optimizer and loss. Another engine for the same problem can
    /// continue from it, whatever its number of models.
    /// </summary>
    /// <param name="model">The model, from 0.</param>
    /// <param name="writer">The writer.</param>
    void Save(int model, BinaryWriter writer);

    /// <summary>Reads what <see cref="Save"/> wrote. All models of an engine must have taken the same number of steps.</summary>
    /// <param name="model">The model that receives the state, from 0.</param>
    /// <param name="reader">The reader.</param>
    /// <exception cref="InvalidDataException">The state does not belong to this problem.</exception>
    void Load(int model, BinaryReader reader);

    /// <summary>Returns a copy of the weights of a model.</summary>
    /// <param name="model">The model, from 0.</param>
    LinearWeights GetWeights(int model);
}
