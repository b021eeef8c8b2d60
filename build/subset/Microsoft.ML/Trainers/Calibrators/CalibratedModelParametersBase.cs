using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Calibrators;

/// <summary>A model that gives a score, and a calibrator that makes it a probability.</summary>
public abstract class CalibratedModelParametersBase
{
    private protected CalibratedModelParametersBase(object subModel, ICalibrator calibrator)
    {
        SubModel = subModel;
        Calibrator = calibrator;
    }

    public object SubModel { get; }
    public ICalibrator Calibrator { get; }
}

public abstract class CalibratedModelParametersBase<TSubModel, TCalibrator> : CalibratedModelParametersBase, IScalarModel
    where TSubModel : class
    where TCalibrator : class, ICalibrator
{
    private readonly IScalarModel _scorer;

    private protected CalibratedModelParametersBase(IHostEnvironment env, TSubModel predictor, TCalibrator calibrator)
        : base(predictor, calibrator)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckValue(predictor, nameof(predictor));
        Contracts.CheckValue(calibrator, nameof(calibrator));
        _scorer = predictor as IScalarModel;
        Contracts.CheckParam(_scorer is not null, nameof(predictor), $"{typeof(TSubModel).Name} gives no score a row");
        SubModel = predictor;
        Calibrator = calibrator;
    }

    public new TSubModel SubModel { get; }
    public new TCalibrator Calibrator { get; }

    VectorDataViewType IScalarModel.InputType => _scorer.InputType;

    float IScalarModel.Score(in VBuffer<float> features) => _scorer.Score(in features);
}
