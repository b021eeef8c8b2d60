using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// A trained model with the history of its training. ML.NET's own transformer predicts and saves, so that you can open a saved model in
/// any ML.NET program, without this library.
/// </summary>
/// <typeparam name="TBuiltIn">ML.NET's transformer of the task.</typeparam>
/// <typeparam name="TModel">ML.NET's model parameters of the task.</typeparam>
public abstract class LinearTransformerBase<TBuiltIn, TModel>
    : ISingleFeaturePredictionTransformer<TModel>, IFeatureColumn, IDynamicInterfaceCastable
    where TBuiltIn : class, ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected LinearTransformerBase(TBuiltIn builtIn, TrainingHistory history) => (BuiltIn, History) = (builtIn, history);

    /// <summary>ML.NET's own transformer for the same model. Use it where an API requires that type.</summary>
    public TBuiltIn BuiltIn { get; }

    /// <summary>
    /// The history of the training. It is saved with the model; <see cref="TrainingHistory.Load(string)"/> reads it from the model file.
    /// </summary>
    public TrainingHistory History { get; }

    /// <summary>The model: its weights and bias.</summary>
    public TModel Model => BuiltIn.Model;

    /// <summary>The name of the feature column.</summary>
    public string FeatureColumnName => BuiltIn.FeatureColumnName;

    /// <summary>The type of the feature column.</summary>
    public DataViewType FeatureColumnType => BuiltIn.FeatureColumnType;

    /// <summary>Always true: the prediction for a row depends on that row only.</summary>
    public bool IsRowToRowMapper => BuiltIn.IsRowToRowMapper;

    /// <summary>Gets the schema of the output of <see cref="Transform"/>.</summary>
    /// <param name="inputSchema">The schema of the input.</param>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => BuiltIn.GetOutputSchema(inputSchema);

    /// <summary>Predicts: adds the output columns of the task to the rows.</summary>
    /// <param name="input">The rows, which must have the feature column.</param>
    public IDataView Transform(IDataView input) => BuiltIn.Transform(input);

    /// <summary>Gets a mapper that predicts one row at a time.</summary>
    /// <param name="inputSchema">The schema of the rows.</param>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => BuiltIn.GetRowToRowMapper(inputSchema);

    bool IDynamicInterfaceCastable.IsInterfaceImplemented(RuntimeTypeHandle interfaceType, bool throwIfNotImplemented) =>
        PredictorInterface.Is(interfaceType);

    RuntimeTypeHandle IDynamicInterfaceCastable.GetInterfaceImplementation(RuntimeTypeHandle interfaceType) =>
        PredictorInterface.Is(interfaceType) ? PredictorInterface.Implementation : default;

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        BuiltIn.Save(ctx);
        // An additional entry next to those of ML.NET's transformer. ML.NET ignores it.
        MLNetInternals.SaveText(ctx, TrainingHistory.EntryName, writer => HistoryWriter.Write(History, writer.Write));
    }
}
