using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Options of tests that are about something else than what a trainer chooses by itself.</summary>
internal static class PlainOptions
{
    /// <summary>
    /// Leaves nothing to choose: features and labels as they come and, where the options name no other, a rate of 0.01 that stays, 20
    /// epochs and no penalty.
    /// </summary>
    public static TOptions Plain<TOptions>(this TOptions options)
        where TOptions : LinearTrainerOptions
    {
        options.Standardize = false;
        options.LearningRate ??= 0.01;
        options.LearningRateSchedule ??= LrSchedule.ConstantLR(factor: 1);
        options.NumberOfEpochs ??= 20;
        options.L2Regularization ??= 0;
        return options;
    }
}
