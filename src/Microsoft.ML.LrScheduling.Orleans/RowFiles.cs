using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.LrScheduling.Sweeps;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The rows of a study as files, in a folder that all machines see.</summary>
/// <param name="folder">The folder.</param>
/// <param name="study">The study.</param>
/// <param name="hash">The hash of the rows, features made.</param>
/// <param name="data">The rows, features not made.</param>
/// <param name="features">What makes the features; null where they are there.</param>
internal sealed class RowFiles(string folder, string study, string hash, SweepData data, ITransformer? features)
{
    private readonly string _stem = Path.Combine(
        Path.GetFullPath(folder), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{study}\n{hash}")))[..16]);

    private readonly List<string> _folds = [];

    /// <summary>The training rows.</summary>
    public string Training => _stem + ".training.idv";

    /// <summary>The rows to measure on; null where there are none of their own.</summary>
    public string? Validation => data.Validation is null ? null : _stem + ".validation.idv";

    /// <summary>What makes the features; null where they are there.</summary>
    public string? Features => features is null ? null : _stem + ".features.zip";

    /// <summary>Writes them, where they are not all there.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Write()
    {
        if (new[] { Training, Validation, Features }.OfType<string>().All(File.Exists)) return;
        var mlContext = new MLContext();
        Directory.CreateDirectory(Path.GetDirectoryName(_stem)!);
        if (Features is { } model) Write(model, stream => mlContext.Model.Save(features, data.Training.Schema, stream));
        if (Validation is { } validation) Write(validation, stream => mlContext.Data.SaveAsBinary(data.Validation!, stream));
        Write(Training, stream => mlContext.Data.SaveAsBinary(data.Training, stream));
    }

    /// <summary>
    /// Fits what makes the features to the rows of a fold, as one process does, and writes it; returns its file, null where features are
    /// there.
    /// </summary>
    /// <param name="fold">The fold, from 0.</param>
    /// <param name="rows">The rows that are trained on.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public string? WriteFold(int fold, IDataView rows)
    {
        if (data.Fit(rows).Features is not { } fitted) return null;
        var path = string.Create(CultureInfo.InvariantCulture, $"{_stem}.features-{fold + 1}.zip");
        Write(path, stream => new MLContext().Model.Save(fitted, data.Training.Schema, stream));
        _folds.Add(path);
        return path;
    }

    /// <summary>Deletes them.</summary>
    public void Delete()
    {
        foreach (var path in new[] { Training, Validation, Features }.Concat(_folds).OfType<string>())
            try
            {
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Windows keeps what a worker reads still; it is in nobody's way.
            }
    }

    // Two who write the same at the same time do not meet, and nobody reads half of it.
    private static void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (var stream = File.Create(temporary)) write(stream);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
