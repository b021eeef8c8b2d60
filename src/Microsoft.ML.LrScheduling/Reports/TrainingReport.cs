using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>A report that compares separate trainings: their curves in the same figures, and the differences of their options.</summary>
/// <example>
/// <code>
/// TrainingReport.Compare(("StepLR", step.History), ("cosine", cosine.History)).Save("report.html");
/// </code>
/// </example>
public sealed class TrainingReport
{
    private readonly (string Name, TrainingHistory History)[] _trainings;

    private TrainingReport((string, TrainingHistory)[] trainings) => _trainings = trainings;

    /// <summary>Creates a report that compares trainings.</summary>
    /// <param name="trainings">
    /// The trainings, at least one, each with a name of its own in the report. All are of one kind of trainer, because the losses of a
    /// regression and of a classification are not on one scale.
    /// </param>
    /// <exception cref="ArgumentException">
    /// There is no training; a name is empty; a name or a history is null; two trainings have the same name; or they are of several kinds
    /// of trainer.
    /// </exception>
    public static TrainingReport Compare(params (string Name, TrainingHistory History)[] trainings)
    {
        ArgumentNullException.ThrowIfNull(trainings);
        foreach (var (i, (name, history)) in trainings.Index())
        {
            if (name is null) throw new ArgumentNullException(nameof(trainings), $"The name of training {i + 1} is null.");
            if (string.IsNullOrWhiteSpace(name))
                throw Argument.Invalid(nameof(trainings), "have a name for each training", $"\"{name}\" for training {i + 1}");
            if (history is null)
                throw new ArgumentNullException(nameof(trainings), $"The history of the training {OneLine.Short(name)} is null.");
        }

        if (trainings.Length == 0) throw Argument.Invalid(nameof(trainings), "hold at least one training", "none");
        if (trainings.GroupBy(training => training.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw Argument.Invalid(
                nameof(trainings), "have a name of its own for each training",
                $"{twice.Count()} trainings with the name {OneLine.Short(twice.Key)}");
        string[] trainers = [.. trainings.Select(training => training.History.Trainer).Where(OptionsCode.Knows).Distinct()];
        if (trainers.Length > 1)
            throw Argument.Invalid(
                nameof(trainings), "be of one kind of trainer, since the losses of several are not on one scale",
                string.Join(", ", trainers));
        return new TrainingReport([.. trainings]);
    }

    /// <summary>Saves the report as a single HTML file that needs no other files and no network.</summary>
    /// <param name="path">The file. It is created, with its folder, or overwritten if it is already such a report.</param>
    /// <param name="title">The title.</param>
    /// <param name="metric">
    /// The metric that trainings are compared by; null for <see cref="Metric.ValidationLoss"/>, or for <see cref="Metric.TrainingLoss"/>
    /// if not all trainings have a validation loss. The score of a training is the metric of its model: after the best epoch if its
    /// weights were restored, otherwise after the last epoch.
    /// </param>
    /// <exception cref="ArgumentException">The path is empty or not valid; or the metric was not measured in every training.</exception>
    /// <exception cref="InvalidOperationException">The options of a history are not JSON.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; or it already exists and is neither empty nor a report of this library. Such a file is not changed.
    /// </exception>
    public void Save(string path, string title = "Comparison", Metric? metric = null)
    {
        if (metric is { } given) CheckMeasured(Argument.Defined(given, nameof(metric)));
        var compared = metric
            ?? (Array.TrueForAll(_trainings, training => training.History.Epochs.All(epoch => epoch[Metric.ValidationLoss] is not null))
                ? Metric.ValidationLoss
                : Metric.TrainingLoss);
        var data = new ReportData(
            "comparison", [.. _trainings.Select((training, i) => Reported(training.Name, training.History, i + 1, compared))], compared)
        {
            Notes = compared is Metric.TrainingLoss or Metric.ValidationLoss ? LossNotes() : [],
        };
        ReportPage.Save(path, title, data);
    }

    private string[] LossNotes()
    {
        string[] losses =
        [
            .. _trainings.Select(training => OptionsCode.Read(training.History)).OfType<LinearTrainerOptions>()
                .Select(options => options.LossText).Distinct(),
        ];
        if (losses.Length < 2) return [];
        var names = string.Join(", ", losses);
        return [$"The trainings have different losses, which are not on one scale: {names}. Compare them by another metric."];
    }

    private void CheckMeasured(Metric metric)
    {
        bool IsMeasured(Metric one) => Array.TrueForAll(
            _trainings, training => training.History.Epochs.Count == 0 || training.History.Epochs.Any(epoch => epoch[one] is not null));
        if (!IsMeasured(metric))
            throw Argument.OutOfRange(
                nameof(metric),
                $"one that each training has measured: {string.Join(", ", Enum.GetValues<Metric>().Where(IsMeasured))}", metric);
    }

    /// <summary>Returns the number and the names of the trainings, on one line.</summary>
    public override string ToString() =>
        $"{Quantity.Of(_trainings.Length, "training")}: "
        + $"{string.Join(", ", _trainings.Select(training => OneLine.Of(training.Name)))}";

    /// <summary>Saves a report of one training.</summary>
    internal static void Save(TrainingHistory history, string path, string? title)
    {
        var monitored = OptionsCode.Read(history)?.MonitoredMetric ?? Metric.ValidationLoss;
        var metric = history.Epochs.Any(epoch => epoch[monitored] is not null) ? monitored : Metric.TrainingLoss;
        var data = new ReportData("training", [Reported(name: null, history, 0, metric)], metric);
        ReportPage.Save(path, title ?? (history.Trainer.Length > 0 ? history.Trainer : "Training"), data);
    }

    private static ReportedTraining Reported(string? name, TrainingHistory history, int number, Metric metric)
    {
        var options = OptionsCode.Read(history);
        // A cancelled training returns its best model, if there is one.
        var isRestored = history.StopReason == StopReason.Cancelled || options is null or { EarlyStopping.RestoreBestWeights: true };
        var epoch = isRestored && history.BestEpoch is { } best
            ? history.Epochs.FirstOrDefault(record => record.Epoch == best)
            : history.Epochs is [.., var last] ? last : null;
        var score =
            history.StopReason != StopReason.Diverged && epoch?[metric] is { } value && double.IsFinite(value) ? value : (double?)null;
        return new ReportedTraining(number, name, score, history)
        {
            Hyperparameters = options is null ? [] : [.. SetOptions(options)],
        };
    }

    // The schedule is left out because it has its own column.
    private static IEnumerable<Hyperparameter> SetOptions(LinearTrainerOptions options) =>
        from set in OptionsCode.Set(options)
        where set.Name != nameof(options.LearningRateSchedule)
        select new Hyperparameter(
            OptionsJson.NameOf(set.Name), OptionsCode.WithoutType(set.Value),
            double.TryParse(set.Value, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null);
}
