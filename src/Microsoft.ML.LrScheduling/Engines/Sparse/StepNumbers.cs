namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>The numbers of a step of a model.</summary>
/// <param name="Rate">The rate.</param>
/// <param name="Momentum">The momentum; zero for none.</param>
/// <param name="Keep">What is kept of the momentum.</param>
/// <param name="Gain">What of the gradient is added to it.</param>
internal readonly record struct StepNumbers(double Rate, double Momentum, double Keep, double Gain);
