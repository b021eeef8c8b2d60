using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using static Microsoft.ML.SchemaShape.Column;

namespace Microsoft.ML.Trainers;

/// <summary>Trains a model of several classes out of models of two.</summary>
public abstract class MetaMulticlassTrainer<TTransformer, TModel> : ITrainerEstimator<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private readonly ITrainerEstimator<ISingleFeaturePredictionTransformer<IScalarModel>, IScalarModel> _binaryTrainer;
    private readonly ICalibratorTrainer _calibratorTrainer;
    private readonly int _maximumCalibrationExampleCount;
    private readonly SchemaShape.Column _label;

    private protected readonly IHost Host;

    internal MetaMulticlassTrainer(IHostEnvironment env, string name, string labelColumnName,
        ITrainerEstimator<ISingleFeaturePredictionTransformer<IScalarModel>, IScalarModel> binaryTrainer,
        int maximumCalibrationExampleCount)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckValue(labelColumnName, nameof(labelColumnName));
        Host = env.Register(name);
        _label = TrainerColumns.KeyLabel(labelColumnName);
        _binaryTrainer = binaryTrainer;
        // ML.NET takes a calibrator and then trains Platt's all the same.
        _calibratorTrainer = new PlattCalibratorTrainer(env);
        _maximumCalibrationExampleCount = maximumCalibrationExampleCount;
        Info = new TrainerInfo(normalization: binaryTrainer.Info.NeedNormalization);
    }

    public TrainerInfo Info { get; }

    private protected string LabelColumnName => _label.Name;

    public abstract TTransformer Fit(IDataView input);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        if (!inputSchema.TryFindColumn(_label.Name, out var label))
            throw Contracts.ExceptSchemaMismatch("labelCol", "label", _label.Name);
        if (!_label.IsCompatibleWith(label))
            throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "label", _label.Name, _label.GetTypeString(), label.GetTypeString());
        return Shapes.Add(inputSchema, [TrainerColumns.ClassScores(label), TrainerColumns.PredictedKey(label)]);
    }

    /// <summary>The label, which must be a key, and the number of its classes.</summary>
    private protected (DataViewSchema.Column Label, int Classes) LabelOf(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        var label = input.Schema.GetColumnOrNull(_label.Name)
            ?? throw Contracts.ExceptParam("schema", $"{_label.Name} column '{DefaultColumnNames.Label}' not found");
        if (label.Type is KeyDataViewType key)
        {
            Contracts.CheckParam(key.Count < (ulong)Array.MaxLength, "data", $"Maximum label is too large for multi-class: {key.Count}.");
            return (label, (int)key.Count);
        }
        var isNumber = label.Type == NumberDataViewType.Single || label.Type == NumberDataViewType.Double;
        Contracts.CheckParam(isNumber, "data",
            $"Training label column '{label.Name}' type is not valid for multi-class: {label.Type}. Type must be Single or Double.");
        throw new NotSupportedException($"Label column type is not supported by {GetType().Name}: {label.Type.RawType}");
    }

    /// <summary>
    /// Trains a model that tells rows of some classes from all others. Rows whose label is missing are among the others, whatever
    /// imputeMissingLabelsAsNegative says: so they are in ML.NET 5.0.0, which does not apply the filter that it makes for them.
    /// </summary>
    private protected (IScalarModel Model, string FeatureColumnName) TrainBinary(
        IChannel channel, IDataView input, DataViewSchema.Column label, Func<ulong, bool> isPositive, bool isCalibrated)
    {
        var rows = BinaryLabels.Map(input, label, isPositive);
        var transformer = _binaryTrainer.Fit(rows);
        var model = transformer.Model;
        if (isCalibrated && model is not CalibratedModelParametersBase)
            model = (IScalarModel)CalibratedModel.Create(Host, model, CalibratorTraining.Train(
                channel, _calibratorTrainer, model, rows, label.Name, transformer.FeatureColumnName, _maximumCalibrationExampleCount));
        return (model, transformer.FeatureColumnName);
    }
}
