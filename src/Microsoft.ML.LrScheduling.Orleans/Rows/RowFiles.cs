using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>
/// The rows of a study as files, in a folder that all machines see. A file beside them has their hashes, in the format of
/// <c>sha256sum</c>. If a hash differs, the file is damaged, and all are written again.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="study">The study.</param>
/// <param name="hash">The hash of the rows with their features.</param>
/// <param name="data">The rows before the features are made.</param>
/// <param name="features">The transformer of the features; null for none.</param>
internal sealed class RowFiles(string folder, string study, string hash, SweepData data, ITransformer? features)
{
    private readonly string _stem = Path.Combine(
        Path.GetFullPath(folder), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{study}\n{hash}")))[..16]);

    private readonly List<string> _written = [];
    private readonly Dictionary<string, ITransformer> _folds = [];

    /// <summary>The training rows.</summary>
    public string Training => _stem + ".training.idv";

    /// <summary>The validation rows; null if the sweep has no separate ones.</summary>
    public string? Validation => data.Validation is null ? null : _stem + ".validation.idv";

    /// <summary>The transformer of the features; null for none.</summary>
    public string? Features => features is null ? null : _stem + ".features.zip";

    private string Hashes => _stem + ".sha256";

    private IEnumerable<string> Files => new[] { Training, Validation, Features }.OfType<string>();

    /// <summary>Whether all files that were written are there.</summary>
    public bool AreThere => Files.Concat(_folds.Keys).All(File.Exists);

    /// <summary>Writes the files that are missing or damaged, also those of folds that were written before.</summary>
    /// <exception cref="IOException">A file cannot be written, or a file of another kind is in its place.</exception>
    /// <exception cref="InvalidOperationException">A transformer of the features cannot be saved.</exception>
    public void Write()
    {
        if (!AreWhole()) WriteRows();
        foreach (var (path, fitted) in _folds.Where(fold => !File.Exists(fold.Key))) Write(path, fitted);
    }

    /// <summary>
    /// Fits the features to the rows of a fold, as in one process, and writes the transformer. Returns its file; null if there is no
    /// transformer.
    /// </summary>
    /// <param name="fold">The fold, from 0.</param>
    /// <param name="rows">The training rows of the fold.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public string? WriteFold(int fold, IDataView rows)
    {
        if (data.Fit(rows).Features is not { } fitted) return null;
        var path = string.Create(CultureInfo.InvariantCulture, $"{_stem}.features-{fold + 1}.zip");
        Write(path, _folds[path] = fitted);
        return path;
    }

    /// <summary>Deletes the files, also those of folds that were written by a sweep that has died.</summary>
    public void Delete()
    {
        var folder = Path.GetDirectoryName(_stem)!;
        if (!Directory.Exists(folder)) return;
        foreach (var path in Files.Append(Hashes).Concat(Directory.GetFiles(folder, $"{Path.GetFileName(_stem)}.features-*.zip")))
            OwnFile.TryDelete(path);
    }

    /// <summary>Deletes only the files that this object has written.</summary>
    public void DeleteOwn() => _written.ForEach(OwnFile.TryDelete);

    private void WriteRows()
    {
        foreach (var path in new[] { Training, Validation }.OfType<string>()) CheckOurs(path, "CML\0DVB\0"u8);
        if (Features is { } zip) CheckOurs(zip, "PK"u8);
        var mlContext = new MLContext();
        var folder = Path.GetDirectoryName(_stem)!;
        Try($"The folder {folder} cannot be made", () => Directory.CreateDirectory(folder));
        if (Features is { } model) Write(model, features!);
        if (Validation is { } validation) Write(validation, stream => mlContext.Data.SaveAsBinary(data.Validation!, stream));
        Write(Training, stream => mlContext.Data.SaveAsBinary(data.Training, stream));
        var hashes = HashesOf();
        Write(Hashes, stream => stream.Write(Encoding.UTF8.GetBytes(hashes)));
    }

    private bool AreWhole()
    {
        try
        {
            return File.ReadAllText(Hashes) == HashesOf();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private string HashesOf() => string.Concat(Files.Select(path =>
    {
        using var stream = File.OpenRead(path);
        return $"{Convert.ToHexStringLower(SHA256.HashData(stream))}  {Path.GetFileName(path)}\n";
    }));

    // A file with another signature was not written by a sweep, and must not be replaced.
    private static void CheckOurs(string path, ReadOnlySpan<byte> beginning)
    {
        if (!OwnFile.MayBeReplaced(path, beginning))
            throw new IOException(
                $"{path} must be a file that a sweep has written, or not be there. Received: one of another kind. Move it away, or choose "
                + $"another {nameof(OrleansWorkers)}.{nameof(OrleansWorkers.Folder)}.");
    }

    private void Write(string path, ITransformer fitted) =>
        Write(path, stream => SavedFeatures.Write(fitted, data.Training.Schema, stream));

    // The file appears when it is complete: nobody reads half of it, and two writers at the same time do not mix.
    private void Write(string path, Action<Stream> write)
    {
        Try($"{path} cannot be written", () => OwnFile.Write(path, write));
        _written.Add(path);
    }

    private static void Try(string failure, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (ReasonOf(e) is { } reason)
        {
            throw new IOException(
                $"{failure}: {reason.TrimEnd('.')}. {nameof(OrleansWorkers)}.{nameof(OrleansWorkers.Folder)} must be a folder to which the "
                + "sweep can write, with space for its rows.", e);
        }
    }

    // ML.NET hides the reason, such as a full disk, in an exception of its own.
    private static string? ReasonOf(Exception e) => e.GetBaseException() switch
    {
        IOException or UnauthorizedAccessException => e.GetBaseException().Message,
        // This is what .NET throws for a file that becomes too large.
        ArgumentOutOfRangeException { ParamName: "value", Source: "System.Private.CoreLib" } =>
            "The file would become larger than the file system, or a limit of the process, allows",
        _ => null,
    };
}
