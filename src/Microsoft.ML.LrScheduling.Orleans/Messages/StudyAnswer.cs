namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The answer to a poll of a client.</summary>
/// <param name="Finished">The parts of its batches that are finished.</param>
/// <param name="Taken">The parts that workers are training.</param>
/// <param name="Unknown">The batches that the study does not know, for example because its state was lost.</param>
/// <param name="Workers">The number of workers that train for the study or ask for trials.</param>
/// <param name="Refusals">The reasons of the workers that cannot train for the study.</param>
[GenerateSerializer]
[Immutable]
internal sealed record StudyAnswer(FinishedPart[] Finished, TakenPart[] Taken, string[] Unknown, int Workers, string[] Refusals);
