namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>The numbers of one step of a model, which determine its effect on skipped weights.</summary>
/// <param name="Rate">The rate.</param>
/// <param name="Momentum">The momentum; zero for none.</param>
/// <param name="Keep">The factor for the previous momentum buffer.</param>
/// <param name="Gain">The factor for the gradient in the momentum buffer.</param>
internal readonly record struct StepNumbers(double Rate, double Momentum, double Keep, double Gain);
