using Microsoft.ML.Calibrators;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>What the binary models of a model of several classes have to agree on.</summary>
internal static class BinaryModels
{
    private const string WrongKind = "Predictor doesn't implement the expected interface";

    internal static void Check(IScalarModel[] models) =>
        Contracts.Check(Array.TrueForAll(models, model => model.InputType.Size == models[0].InputType.Size), WrongKind);

    /// <summary>The calibrators of models that all have one.</summary>
    internal static ICalibrator[] CalibratorsOf(IScalarModel[] models) =>
        Array.ConvertAll(models, model => (model as CalibratedModelParametersBase)?.Calibrator ?? throw new InvalidOperationException(WrongKind));
}
