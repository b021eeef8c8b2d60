using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>A trainer as a sweep sees it: in pieces, so that several train together on rows that were read once.</summary>
internal interface ISweptTrainer
{
    /// <summary>The options.</summary>
    LinearTrainerOptions Options { get; }

    /// <summary>What the order of rows follows from.</summary>
    int Seed { get; }

    /// <summary>Reads the rows.</summary>
    /// <param name="trainData">The training rows.</param>
    /// <param name="validationData">The rows to measure on; null for those that are held back.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <inheritdoc cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)" path="/exception"/>
    TrainerRows Read(IDataView trainData, IDataView? validationData, Cancellation cancellation);

    /// <summary>Reads further rows, to measure on.</summary>
    /// <param name="testData">The rows.</param>
    /// <param name="what">What they are, for messages.</param>
    /// <param name="rows">The rows that were read before.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <inheritdoc cref="LinearTrainerBase{TTransformer, TBuiltIn, TModel}.Fit(IDataView, IDataView)" path="/exception"/>
    TrainingSet ReadTest(IDataView testData, string what, TrainerRows rows, Cancellation cancellation);

    /// <summary>Rows that a trainer of other options read, as this one sees them.</summary>
    TrainerRows RowsFor(TrainerRows read);

    /// <summary>The order of the rows.</summary>
    RowOrder OrderOf(TrainerRows rows);

    /// <summary>What training alone would do.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="rate">The initial rate where the options name none; null for the one that follows from the rows.</param>
    /// <param name="cancellation">Ends it.</param>
    TrainingPlan PlanFor(TrainerRows rows, double? rate, Cancellation cancellation);

    /// <summary>An engine for several models.</summary>
    ILinearEngine CreateEngine(TrainerRows rows, IReadOnlyList<ModelSettings> models, int windowRows);

    /// <summary>The transformer of a model.</summary>
    ITransformer ModelOf(LinearWeights weights, TrainingHistory history, TrainerRows rows);
}
