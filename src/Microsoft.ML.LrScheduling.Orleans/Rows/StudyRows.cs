namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The rows of a study, and how a worker reads them.</summary>
/// <param name="Trainer">The kind of trainer.</param>
/// <param name="Options">The options that they are read with, as JSON.</param>
/// <param name="Training">The file of the training rows, as ML.NET's <c>SaveAsBinary</c> writes it.</param>
/// <param name="Validation">That of the rows to measure on; null for those that are held back.</param>
/// <param name="Features">The model file of what makes the features; null where they are there.</param>
/// <param name="Text">What the rows are, in words.</param>
/// <param name="Hash">The hash of all rows, features made.</param>
/// <param name="Version">The version of the library that asks: another one may come to other bits.</param>
[GenerateSerializer]
[Immutable]
internal sealed record StudyRows(
    string Trainer, string Options, string Training, string? Validation, string? Features, string Text, string Hash,
    string Version);
