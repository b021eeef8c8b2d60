using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The trainers, by the name of their class.</summary>
internal static class TrainerKinds
{
    /// <summary>Reads options of a trainer.</summary>
    /// <param name="trainer">The name of its class.</param>
    /// <param name="json">The options.</param>
    /// <exception cref="System.Text.Json.JsonException">The JSON is not that of such options.</exception>
    /// <exception cref="InvalidOperationException">There is no such trainer.</exception>
    public static LinearTrainerOptions ReadOptions(string trainer, string json) => trainer switch
    {
        nameof(TorchLinearRegressionTrainer) => OptionsJson.Read<TorchLinearRegressionTrainer.Options>(json),
        nameof(TorchLogisticRegressionTrainer) => OptionsJson.Read<TorchLogisticRegressionTrainer.Options>(json),
        nameof(TorchMaximumEntropyTrainer) => OptionsJson.Read<TorchMaximumEntropyTrainer.Options>(json),
        _ => throw new InvalidOperationException($"The trainer is not known to this version of LrScheduling. Received: {trainer}"),
    };

    /// <summary>Creates the trainer that has these options.</summary>
    /// <param name="mlContext">The environment.</param>
    /// <param name="options">The options. Their type determines the trainer.</param>
    public static ISweptTrainer Create(MLContext mlContext, LinearTrainerOptions options) => options switch
    {
        TorchLinearRegressionTrainer.Options own => mlContext.Regression.Trainers.TorchLinearRegression(own),
        TorchLogisticRegressionTrainer.Options own => mlContext.BinaryClassification.Trainers.TorchLogisticRegression(own),
        TorchMaximumEntropyTrainer.Options own => mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(own),
        _ => throw new InvalidOperationException($"There is no trainer of these options. Received: {options.GetType()}"),
    };
}
