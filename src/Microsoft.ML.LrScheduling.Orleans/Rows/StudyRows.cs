namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The description of the rows of a study, from which a worker reads them.</summary>
/// <param name="Trainer">The class of the trainer.</param>
/// <param name="Options">The options that determine how the rows are read, as JSON.</param>
/// <param name="Training">The file of the training rows, in the format of ML.NET's <c>SaveAsBinary</c>.</param>
/// <param name="Validation">The file of the validation rows; null if there is no such file.</param>
/// <param name="Features">The model file of the features' transformer; null for none.</param>
/// <param name="Text">The rows in words, for messages.</param>
/// <param name="Hash">The hash of all rows with their features.</param>
/// <param name="Version">The version of the library of the sweep. In another version, the last bits may differ.</param>
[GenerateSerializer]
[Immutable]
internal sealed record StudyRows(
    string Trainer, string Options, string Training, string? Validation, string? Features, string Text, string Hash,
    string Version);
