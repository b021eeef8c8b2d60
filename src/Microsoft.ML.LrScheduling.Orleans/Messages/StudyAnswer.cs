namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>How the batches of a client stand.</summary>
/// <param name="Finished">What of them is finished.</param>
/// <param name="Taken">What of them workers train.</param>
/// <param name="Unknown">Those that the study does not know, such as after its state was lost.</param>
/// <param name="Workers">The workers that train for the study, or would.</param>
/// <param name="Refusals">What workers said that cannot.</param>
[GenerateSerializer]
[Immutable]
internal sealed record StudyAnswer(FinishedPart[] Finished, TakenPart[] Taken, string[] Unknown, int Workers, string[] Refusals);
