using Microsoft.ML.Runtime;

namespace Microsoft.ML.Calibrators;

public sealed class PlattCalibratorEstimator : CalibratorEstimatorBase<PlattCalibrator>
{
    internal PlattCalibratorEstimator(IHostEnvironment env, string labelColumnName, string scoreColumnName, string exampleWeightColumnName)
        : base(env, new PlattCalibratorTrainer(env), labelColumnName, scoreColumnName, exampleWeightColumnName) { }

    private protected override CalibratorTransformer<PlattCalibrator> Create(
        IHostEnvironment env, PlattCalibrator calibrator, string scoreColumnName) =>
        new PlattCalibratorTransformer(calibrator, scoreColumnName);
}

public sealed class FixedPlattCalibratorEstimator : CalibratorEstimatorBase<PlattCalibrator>
{
    internal FixedPlattCalibratorEstimator(IHostEnvironment env, double slope, double offset, string scoreColumn)
        : base(env, new FixedPlattCalibratorTrainer(env, slope, offset), null, scoreColumn, null) { }

    private protected override CalibratorTransformer<PlattCalibrator> Create(
        IHostEnvironment env, PlattCalibrator calibrator, string scoreColumnName) =>
        new PlattCalibratorTransformer(calibrator, scoreColumnName);
}

public sealed class PlattCalibratorTransformer : CalibratorTransformer<PlattCalibrator>
{
    internal const string LoaderSignature = "PlattCalibratTransf";

    internal PlattCalibratorTransformer(PlattCalibrator calibrator, string scoreColumnName)
        : base(calibrator, LoaderSignature, scoreColumnName) { }

    internal static PlattCalibratorTransformer Load(ModelLoadContext ctx)
    {
        var scoreColumnName = ctx.Reader.ReadString();
        return new(ctx.LoadModel<PlattCalibrator>("Calibrator"), scoreColumnName);
    }
}
