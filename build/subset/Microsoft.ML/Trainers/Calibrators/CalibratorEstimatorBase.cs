using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Calibrators;

/// <summary>Trains a calibrator on scores and labels.</summary>
public abstract class CalibratorEstimatorBase<TICalibrator> : IEstimator<CalibratorTransformer<TICalibrator>>, ICalibratorEstimator
    where TICalibrator : class, ICalibrator
{
    private readonly IHostEnvironment _env;
    private readonly ICalibratorTrainer _trainer;
    private readonly SchemaShape.Column _label, _score, _weight;

    private protected CalibratorEstimatorBase(IHostEnvironment env, ICalibratorTrainer calibratorTrainer,
        string labelColumn, string scoreColumn, string weightColumn)
    {
        Contracts.CheckParam(!calibratorTrainer.NeedsTraining || !string.IsNullOrWhiteSpace(labelColumn), nameof(labelColumn),
            $"For trained calibrators, {nameof(labelColumn)} must be specified.");
        _env = env;
        _trainer = calibratorTrainer;
        _label = string.IsNullOrWhiteSpace(labelColumn) ? default : TrainerColumns.BooleanLabel(labelColumn);
        _score = TrainerColumns.SingleLabel(scoreColumn);
        _weight = TrainerColumns.Weight(weightColumn);
    }

    public CalibratorTransformer<TICalibrator> Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        using var channel = _env.Start("Creating calibrator.");
        var calibrator = CalibratorTraining.Train(channel, _trainer, input, _label.Name, _score.Name, _weight.Name);
        return Create(_env, (TICalibrator)calibrator, _score.Name);
    }

    SchemaShape IEstimator<CalibratorTransformer<TICalibrator>>.GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        Check(inputSchema, _score, "score");
        Check(inputSchema, _weight, "weight");
        Check(inputSchema, _label, "label");
        inputSchema.TryFindColumn(_score.Name, out var score);
        return Shapes.Add(inputSchema, [TrainerColumns.ProbabilityOf(score)]);
    }

    private protected abstract CalibratorTransformer<TICalibrator> Create(
        IHostEnvironment env, TICalibrator calibrator, string scoreColumnName);

    private static void Check(SchemaShape inputSchema, SchemaShape.Column expected, string role)
    {
        if (!expected.IsValid) return;
        if (!inputSchema.TryFindColumn(expected.Name, out var actual))
            throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), role, expected.Name);
        if (!expected.IsCompatibleWith(actual))
            throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), role, expected.Name, expected.GetTypeString(), actual.GetTypeString());
    }
}
