using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>
/// Owns the arithmetic of training: K linear models that see the same rows in the same order, each with rates of its own at each step. It
/// knows losses, optimizers and rows, and nothing of schedules, epochs or ML.NET.
/// </summary>
/// <remarks>
/// A model has two parameter groups, <see cref="WeightGroup"/> and <see cref="BiasGroup"/> (a bias an output). Rates and momenta come as
/// spans, model by model: <c>[model · GroupCount + group]</c>. Not safe for use by several threads at once.
/// </remarks>
internal interface ILinearEngine : IDisposable
{
    /// <summary>The parameter group of the weights.</summary>
    const int WeightGroup = 0;

    /// <summary>The parameter group of the bias.</summary>
    const int BiasGroup = 1;

    /// <summary>The parameter groups of each model.</summary>
    const int GroupCount = 2;

    /// <summary>K, the number of models.</summary>
    int ModelCount { get; }

    /// <summary>Takes the training rows that the next steps are about.</summary>
    /// <param name="window">
    /// Rows of the training set; at most <see cref="LinearProblem.WindowRows"/>. It stays as it is as long as steps are taken on it.
    /// </param>
    void LoadWindow(RowWindow window);

    /// <summary>One step of each model's optimizer on one minibatch.</summary>
    /// <param name="start">Its first row within the window, a multiple of the batch size.</param>
    /// <param name="count">Its rows: the batch size, or fewer at the end of the window.</param>
    /// <param name="learningRates">K · <see cref="GroupCount"/> rates.</param>
    /// <param name="momenta">K · <see cref="GroupCount"/> momenta; empty for those of the optimizers' configuration.</param>
    void Step(int start, int count, ReadOnlySpan<double> learningRates, ReadOnlySpan<double> momenta);

    /// <summary>The mean loss of the last minibatch, with the weights it met.</summary>
    /// <param name="model">The model, from 0.</param>
    double LastLoss(int model);

    /// <summary>
    /// The mean loss over the rows that have been stepped on since the last call, each with the weights it met; then starts a new mean.
    /// </summary>
    /// <param name="losses">Receives K losses; NaN where there was no step.</param>
    void TakeTrainingLosses(Span<double> losses);

    /// <summary>
    /// Writes all that another engine for the same problem, of however many models, needs to go on with a model between two minibatches:
    /// weights, optimizer, loss.
    /// </summary>
    /// <param name="model">The model, from 0.</param>
    /// <param name="writer">Receives it.</param>
    void Save(int model, BinaryWriter writer);

    /// <summary>Takes over what <see cref="Save"/> wrote. All models of an engine are to have made the same steps.</summary>
    /// <param name="model">The model that it becomes, from 0.</param>
    /// <param name="reader">Gives it.</param>
    /// <exception cref="InvalidDataException">It is not of this problem.</exception>
    void Load(int model, BinaryReader reader);

    /// <summary>A copy of the weights of a model.</summary>
    /// <param name="model">The model, from 0.</param>
    LinearWeights GetWeights(int model);
}
