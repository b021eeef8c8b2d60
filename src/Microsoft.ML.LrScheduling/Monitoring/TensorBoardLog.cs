using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>
/// Writes event files for TensorBoard. For a training it writes the learning rates, losses and metrics of each epoch. For a sweep it
/// writes the hyperparameters and the score of each trial, in a separate run per trial. It uses the writer of TorchSharp, whose checksums
/// are native code, so it needs libtorch as <see cref="Trainers.TrainingEngine.Torch"/> does.
/// </summary>
/// <remarks>
/// The tags are <c>learning_rate/weights</c>, <c>learning_rate/bias</c>, <c>loss/training</c>, <c>loss/validation</c>, and <c>metric/</c>
/// with the name of each other metric, by epoch. A trial has the tags <c>score</c>, by epoch, and <c>hyperparameters</c>, as text. Values
/// are 32-bit floats, as in TensorBoard. The log adds files to an existing folder: use a separate folder for each training, as with
/// PyTorch's <c>SummaryWriter</c>.
/// </remarks>
/// <example>
/// <code>
/// options.Progress = new TensorBoardLog("runs/step");
/// </code>
/// Then <c>tensorboard --logdir runs</c> shows it.
/// </example>
public sealed class TensorBoardLog : IProgress<TrainingProgress>, IProgress<SweepProgress>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SummaryWriter> _writers = [];
    private readonly ConditionalWeakTable<object, Runs> _sweeps = [];
    private readonly object _unknownSweep = new();
    private int _sweepCount;

    // An absolute path, because the process can change its current directory.
    private readonly string _path;

    /// <summary>Creates a log that writes to a folder.</summary>
    /// <param name="folder">The folder of the run. It is created if it does not exist.</param>
    /// <exception cref="ArgumentException">The folder is empty.</exception>
    /// <exception cref="IOException">The folder cannot be created, or no file can be created in it.</exception>
    /// <exception cref="InvalidOperationException">libtorch is missing; the message names the package to add.</exception>
    public TensorBoardLog(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (folder.Contains('\0')) throw new ArgumentException("folder must be a path. Received: one with a NUL", nameof(folder));
        TorchRuntime.CheckFor(nameof(TensorBoardLog));
        (Folder, _path) = (folder, Path.GetFullPath(folder));
        // Fails now if the folder cannot be written to, not after the first epoch of a training.
        Write(() =>
        {
            Directory.CreateDirectory(_path);
            new FileStream(Path.Combine(_path, $".{Guid.NewGuid():N}.tmp"), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
            }).Dispose();
        });
    }

    /// <summary>The folder of the run.</summary>
    public string Folder { get; }

    /// <summary>Writes the values of an epoch.</summary>
    /// <param name="value">The progress with the epoch.</param>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock) Write(() => Add(Writer(""), value.Epoch));
    }

    /// <summary>
    /// Writes the new values of each trial: its hyperparameters when it starts, and its score by epoch. The run of a trial is the folder
    /// <c>trial-0</c>, <c>trial-1</c> …; in a second sweep with the same log, it is <c>sweep-2/trial-0</c>, and so on.
    /// </summary>
    /// <param name="value">The progress of the sweep.</param>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public void Report(SweepProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock)
        {
            var runs = _sweeps.GetValue(
                value.Sweep ?? _unknownSweep, _ => new Runs(_sweepCount++ == 0 ? "" : $"sweep-{_sweepCount}/"));
            Write(() =>
            {
                foreach (var trial in value.Trials) Add(runs, trial);
            });
        }
    }

    /// <summary>Writes all epochs of a finished training, such as a trial of a study.</summary>
    /// <param name="history">The history.</param>
    /// <param name="run">The name of the run, a folder within <see cref="Folder"/>; empty for the folder itself.</param>
    /// <exception cref="ArgumentException">The run is not within the folder.</exception>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public void Add(TrainingHistory history, string run = "")
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(run);
        if (Path.IsPathRooted(run) || run.Split('/', '\\').Contains(".."))
            throw new ArgumentException($"run must be within the folder. Received: {run}", nameof(run));
        lock (_lock)
            Write(() =>
            {
                foreach (var epoch in history.Epochs) Add(Writer(run), epoch);
            });
    }

    /// <summary>Returns the folder as text.</summary>
    public override string ToString() => $"TensorBoard log in {Folder}";

    private void Add(Runs runs, TrialProgress trial)
    {
        var known = runs.Epochs.GetValueOrDefault(trial.Number, -1);
        if (trial.Epochs == known) return;
        runs.Epochs[trial.Number] = trial.Epochs;
        var writer = Writer($"{runs.Prefix}trial-{trial.Number}");
        if (known < 0) writer.add_text("hyperparameters", TextOf(trial.Hyperparameters), 0);
        if (trial.Score is { } score) writer.add_scalar("score", (float)score, trial.Epochs);
    }

    private static void Add(SummaryWriter writer, EpochRecord epoch)
    {
        string[] groups = ["weights", "bias"];
        for (var group = 0; group < epoch.LearningRates.Count; group++)
            writer.add_scalar($"learning_rate/{groups[group]}", (float)epoch.LearningRates[group], epoch.Epoch);
        writer.add_scalar("loss/training", (float)epoch.TrainingLoss, epoch.Epoch);
        foreach (var (metric, value) in epoch.ValidationMetrics)
            writer.add_scalar(metric == Metric.ValidationLoss ? "loss/validation" : $"metric/{metric}", (float)value, epoch.Epoch);
    }

    // TensorBoard displays text as Markdown.
    private static string TextOf(IReadOnlyList<Hyperparameter> hyperparameters)
    {
        var table = new StringBuilder("| hyperparameter | value |\n|---|---|\n");
        foreach (var own in hyperparameters)
            table.Append(CultureInfo.InvariantCulture, $"| {Cell(own.Name)} | {Cell(own.ValueText)} |\n");
        return table.ToString();

        static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
    }

    private SummaryWriter Writer(string run)
    {
        if (_writers.TryGetValue(run, out var writer)) return writer;
        return _writers[run] = torch.utils.tensorboard.SummaryWriter(Path.Combine(_path, run));
    }

    private void Write(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new IOException($"{nameof(TensorBoardLog)} cannot write to the folder {Folder}: {e.Message}", e);
        }
    }

    // The runs of one sweep: the prefix of their names, and the number of epochs written so far by trial number.
    private sealed record Runs(string Prefix)
    {
        public Dictionary<int, int> Epochs { get; } = [];
    }
}
