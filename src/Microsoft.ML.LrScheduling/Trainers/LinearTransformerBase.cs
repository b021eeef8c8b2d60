using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// A trained model with the history of its training. Prediction and saving are those of ML.NET's own transformer, so a saved model
/// opens in any ML.NET program, without this library.
/// </summary>
/// <typeparam name="TBuiltIn">ML.NET's transformer of the task.</typeparam>
/// <typeparam name="TModel">ML.NET's model parameters of the task.</typeparam>
public abstract class LinearTransformerBase<TBuiltIn, TModel>
    : ISingleFeaturePredictionTransformer<TModel>, IFeatureColumn, IDynamicInterfaceCastable
    where TBuiltIn : class, ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected LinearTransformerBase(TBuiltIn builtIn, TrainingHistory history) => (BuiltIn, History) = (builtIn, history);

    /// <summary>ML.NET's own transformer over the same model, for the places that demand its type.</summary>
    public TBuiltIn BuiltIn { get; }

    /// <summary>
    /// What happened in training. It is saved with the model, and <see cref="TrainingHistory.Load(string)"/> reads it from there.
    /// </summary>
    public TrainingHistory History { get; }

    /// <summary>The model: its weights and bias.</summary>
    public TModel Model => BuiltIn.Model;

    /// <summary>The column of features.</summary>
    public string FeatureColumnName => BuiltIn.FeatureColumnName;

    /// <summary>The type of the column of features.</summary>
    public DataViewType FeatureColumnType => BuiltIn.FeatureColumnType;

    /// <summary>Always true: each row is predicted from itself alone.</summary>
    public bool IsRowToRowMapper => BuiltIn.IsRowToRowMapper;

    /// <summary>The schema of <see cref="Transform"/>'s result.</summary>
    /// <param name="inputSchema">The schema of its input.</param>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => BuiltIn.GetOutputSchema(inputSchema);

    /// <summary>Predicts: adds the output columns of the task.</summary>
    /// <param name="input">Rows that have the column of features.</param>
    public IDataView Transform(IDataView input) => BuiltIn.Transform(input);

    /// <summary>Predicts one row at a time.</summary>
    /// <param name="inputSchema">The schema of the rows.</param>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => BuiltIn.GetRowToRowMapper(inputSchema);

    bool IDynamicInterfaceCastable.IsInterfaceImplemented(RuntimeTypeHandle interfaceType, bool throwIfNotImplemented) =>
        PredictorInterface.Is(interfaceType);

    RuntimeTypeHandle IDynamicInterfaceCastable.GetInterfaceImplementation(RuntimeTypeHandle interfaceType) =>
        PredictorInterface.Is(interfaceType) ? PredictorInterface.Implementation : default;

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        BuiltIn.Save(ctx);
        // An entry that ML.NET does not look for, beside those of its own transformer.
        MLNetInternals.SaveText(ctx, TrainingHistory.EntryName, writer => HistoryWriter.Write(History, writer.Write));
    }
}
