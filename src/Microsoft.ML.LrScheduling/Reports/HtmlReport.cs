using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>
/// Reports as one HTML file that needs nothing else, no network either: curves that can be zoomed, a leaderboard to sort and filter, what
/// each hyperparameter did, and configurations to paste back. <see cref="TrainingReport"/> compares trainings that were made apart.
/// </summary>
/// <example>
/// <code>
/// var trained = mlContext.Regression.Trainers.TorchLinearRegression().Fit(trainData);
/// trained.History.SaveReport("report.html");
/// </code>
/// </example>
public static class HtmlReport
{
    /// <summary>Saves a report of a sweep.</summary>
    /// <param name="study">The sweep.</param>
    /// <param name="path">The file, which is made, or written over where it is such a report already; its folder is made too.</param>
    /// <param name="title">What stands above it.</param>
    /// <param name="learningRates">What a <see cref="LearningRateFinder"/> found before the sweep; null for nothing.</param>
    /// <exception cref="ArgumentException">The path is empty, or none.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; or it is there already and is neither empty nor a report of ours, and is left as it is.
    /// </exception>
    public static void SaveReport<TOptions>(
        this Study<TOptions> study, string path, string title = "Sweep", LearningRateCurve? learningRates = null)
        where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(study);
        ReportedTraining[] trainings =
        [
            .. study.Trials.Select(trial => new ReportedTraining(trial.Number, Name: null, trial.Score, trial.History)
            {
                Hyperparameters = [.. trial.Hyperparameters],
                FoldScores = [.. trial.FoldScores],
                Failure = trial.Failure,
            }),
        ];
        ReportPage.Save(path, title, new ReportData("sweep", trainings, study.Metric)
        {
            MetricText = study.MetricText,
            Notes = [.. study.Notes],
            Rates = learningRates,
        });
    }

    /// <summary>
    /// Saves a report of one training: its rate and losses over each other, every metric with its best epoch, and what the schedule and
    /// early stopping did.
    /// </summary>
    /// <param name="history">What happened: of a model, or of a saved one by <see cref="TrainingHistory.Load(string)"/>.</param>
    /// <param name="path">The file, which is made, or written over where it is such a report already; its folder is made too.</param>
    /// <param name="title">What stands above it; null for the trainer.</param>
    /// <exception cref="ArgumentException">The path is empty, or none.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; or it is there already and is neither empty nor a report of ours, and is left as it is.
    /// </exception>
    public static void SaveReport(this TrainingHistory history, string path, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        TrainingReport.Save(history, path, title);
    }

    /// <summary>Saves the curve of a finder: the loss by the rate, the rate that is suggested, and why.</summary>
    /// <param name="curve">What was found.</param>
    /// <param name="path">The file, which is made, or written over where it is such a report already; its folder is made too.</param>
    /// <param name="title">What stands above it.</param>
    /// <exception cref="ArgumentException">The path is empty, or none.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; or it is there already and is neither empty nor a report of ours, and is left as it is.
    /// </exception>
    public static void SaveReport(this LearningRateCurve curve, string path, string title = "Learning rates")
    {
        ArgumentNullException.ThrowIfNull(curve);
        ReportPage.Save(path, title, new ReportData("rates", [], Schedules.Metric.ValidationLoss) { Rates = curve });
    }
}
