using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// A trainer for use in a sweep: its steps are separate, so that several trainers train together on rows that were read once.
/// </summary>
internal interface ISweptTrainer
{
    /// <summary>The options.</summary>
    LinearTrainerOptions Options { get; }

    /// <summary>The seed of the order of rows.</summary>
    int Seed { get; }

    /// <summary>Reads the rows.</summary>
    /// <param name="trainData">The training rows.</param>
    /// <param name="validationData">The validation rows; null if they are held back from the training rows.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <inheritdoc cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)" path="/exception"/>
    TrainerRows Read(IDataView trainData, IDataView? validationData, Cancellation cancellation);

    /// <summary>Reads additional rows on which models are measured.</summary>
    /// <param name="testData">The rows.</param>
    /// <param name="what">The name of the rows, for messages.</param>
    /// <param name="rows">The rows that were read before.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <inheritdoc cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)" path="/exception"/>
    TrainingSet ReadTest(IDataView testData, string what, TrainerRows rows, Cancellation cancellation);

    /// <summary>Returns rows that a trainer with other options has read, as this trainer needs them.</summary>
    TrainerRows RowsFor(TrainerRows read);

    /// <summary>Returns the order of the rows.</summary>
    RowOrder OrderOf(TrainerRows rows);

    /// <summary>Returns the plan of the training, as if the trainer were alone.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="rate">The initial rate, if the options have none; null to compute it from the rows.</param>
    /// <param name="cancellation">Cancels training.</param>
    TrainingPlan PlanFor(TrainerRows rows, double? rate, Cancellation cancellation);

    /// <summary>Creates an engine for several models.</summary>
    ILinearEngine CreateEngine(TrainerRows rows, IReadOnlyList<ModelSettings> models, int windowRows);

    /// <summary>Creates the transformer of a model.</summary>
    ITransformer ModelOf(LinearWeights weights, TrainingHistory history, TrainerRows rows);
}
