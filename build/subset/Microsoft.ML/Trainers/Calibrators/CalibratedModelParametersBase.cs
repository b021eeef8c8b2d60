using Microsoft.ML.Runtime;

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

public abstract class CalibratedModelParametersBase<TSubModel, TCalibrator> : CalibratedModelParametersBase
    where TSubModel : class
    where TCalibrator : class, ICalibrator
{
    private protected CalibratedModelParametersBase(IHostEnvironment env, TSubModel predictor, TCalibrator calibrator)
        : base(predictor, calibrator)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckValue(predictor, nameof(predictor));
        Contracts.CheckValue(calibrator, nameof(calibrator));
        SubModel = predictor;
        Calibrator = calibrator;
    }

    public new TSubModel SubModel { get; }
    public new TCalibrator Calibrator { get; }
}
