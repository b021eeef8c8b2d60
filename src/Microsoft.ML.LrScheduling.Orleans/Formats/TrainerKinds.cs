using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The kinds of trainers, by their name.</summary>
internal static class TrainerKinds
{
    /// <summary>Reads options of a trainer.</summary>
    /// <param name="trainer">The name of its class.</param>
    /// <param name="json">The options.</param>
    /// <exception cref="System.Text.Json.JsonException">They are none.</exception>
    /// <exception cref="InvalidOperationException">There is no such trainer.</exception>
    public static LinearTrainerOptions ReadOptions(string trainer, string json) => trainer switch
    {
        nameof(TorchLinearRegressionTrainer) => OptionsJson.Read<TorchLinearRegressionTrainer.Options>(json),
        nameof(TorchLogisticRegressionTrainer) => OptionsJson.Read<TorchLogisticRegressionTrainer.Options>(json),
        nameof(TorchMaximumEntropyTrainer) => OptionsJson.Read<TorchMaximumEntropyTrainer.Options>(json),
        _ => throw new InvalidOperationException($"The trainer is not known to this version of LrScheduling. Received: {trainer}"),
    };

    /// <summary>A trainer.</summary>
    /// <param name="mlContext">The environment.</param>
    /// <param name="options">Its options, which tell the kind.</param>
    public static ISweptTrainer Create(MLContext mlContext, LinearTrainerOptions options) => options switch
    {
        TorchLinearRegressionTrainer.Options own => mlContext.Regression.Trainers.TorchLinearRegression(own),
        TorchLogisticRegressionTrainer.Options own => mlContext.BinaryClassification.Trainers.TorchLogisticRegression(own),
        TorchMaximumEntropyTrainer.Options own => mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(own),
        _ => throw new InvalidOperationException($"There is no trainer of these options. Received: {options.GetType()}"),
    };
}
