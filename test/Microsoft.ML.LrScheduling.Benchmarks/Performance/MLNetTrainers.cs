namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>The trainers of ML.NET that a user could take instead.</summary>
internal static class MLNetTrainers
{
    /// <summary>The name of SDCA.</summary>
    public const string Sdca = "ML.NET's Sdca, 10 iterations";

    /// <summary>Those that can.</summary>
    public static (string Name, IEstimator<ITransformer> Trainer)[] Of(MLContext mlContext, int iterations) =>
    [
        (Sdca, mlContext.Regression.Trainers.Sdca(maximumNumberOfIterations: iterations)),
        ("ML.NET's OnlineGradientDescent, 10 iterations",
            mlContext.Regression.Trainers.OnlineGradientDescent(numberOfIterations: iterations)),
    ];
}
