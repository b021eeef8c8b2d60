using System.Globalization;
using System.Text;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>
/// Writes how training goes into event files that TensorBoard shows: of a training the rates, losses and metrics of each epoch; of a
/// sweep the hyperparameters of each trial and its score, each in a run of its own. By TorchSharp's writer, which needs no libtorch.
/// </summary>
/// <remarks>
/// The tags are <c>learning_rate/weights</c>, <c>learning_rate/bias</c>, <c>loss/training</c>, <c>loss/validation</c>, and <c>metric/</c>
/// with the name of each other metric, by epoch; of a trial <c>score</c> by epoch, and <c>hyperparameters</c> as text. Values are 32-bit
/// floats, as TensorBoard has them. A folder that is there is added to: give each training a log, as PyTorch's
/// <c>SummaryWriter</c> does.
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
    private readonly Dictionary<int, int> _epochs = [];

    // Wherever the process goes meanwhile.
    private readonly string _path;

    /// <summary>Writes into a folder.</summary>
    /// <param name="folder">The folder of the run; it is made with the first value.</param>
    /// <exception cref="ArgumentException">The folder is empty.</exception>
    public TensorBoardLog(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (folder.Contains('\0')) throw new ArgumentException("folder must be a path. Received: one with a NUL", nameof(folder));
        (Folder, _path) = (folder, Path.GetFullPath(folder));
    }

    /// <summary>The folder of the run.</summary>
    public string Folder { get; }

    /// <summary>Writes an epoch of a training.</summary>
    /// <param name="value">The epoch.</param>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock) Add(Writer(""), value.Epoch);
    }

    /// <summary>Writes what is new of each trial of a sweep: its hyperparameters when it has begun, its score by epoch.</summary>
    /// <param name="value">How far the sweep has come.</param>
    public void Report(SweepProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock)
            foreach (var trial in value.Trials)
            {
                var known = _epochs.GetValueOrDefault(trial.Number, -1);
                if (trial.Epochs == known) continue;
                _epochs[trial.Number] = trial.Epochs;
                var writer = Writer($"trial-{trial.Number}");
                if (known < 0) writer.add_text("hyperparameters", TextOf(trial.Hyperparameters), 0);
                if (trial.Score is { } score) writer.add_scalar("score", (float)score, trial.Epochs);
            }
    }

    /// <summary>Writes all epochs of a training that has ended, such as a trial of a study.</summary>
    /// <param name="history">The history.</param>
    /// <param name="run">The run beneath the folder; empty for the folder itself.</param>
    /// <exception cref="ArgumentException">The run is not beneath the folder.</exception>
    public void Add(TrainingHistory history, string run = "")
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(run);
        if (Path.IsPathRooted(run) || run.Split('/', '\\').Contains(".."))
            throw new ArgumentException($"run must be beneath the folder. Received: {run}", nameof(run));
        lock (_lock)
            foreach (var epoch in history.Epochs)
                Add(Writer(run), epoch);
    }

    /// <summary>The folder.</summary>
    public override string ToString() => $"TensorBoard log in {Folder}";

    private static void Add(SummaryWriter writer, EpochRecord epoch)
    {
        string[] groups = ["weights", "bias"];
        for (var group = 0; group < epoch.LearningRates.Count; group++)
            writer.add_scalar($"learning_rate/{groups[group]}", (float)epoch.LearningRates[group], epoch.Epoch);
        writer.add_scalar("loss/training", (float)epoch.TrainingLoss, epoch.Epoch);
        foreach (var (metric, value) in epoch.ValidationMetrics)
            writer.add_scalar(metric == Metric.ValidationLoss ? "loss/validation" : $"metric/{metric}", (float)value, epoch.Epoch);
    }

    // TensorBoard shows text as Markdown.
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
}
