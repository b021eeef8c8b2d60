using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>
/// Saves reports as a single HTML file that needs no other files and no network. A report contains curves that you can zoom, a leaderboard
/// that you can sort and filter, the effect of each hyperparameter, and configurations that you can copy into your code.
/// <see cref="TrainingReport"/> compares separate trainings.
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
    /// <param name="study">The results of the sweep.</param>
    /// <param name="path">The file. It is created, with its folder, or overwritten if it is already such a report.</param>
    /// <param name="title">The title.</param>
    /// <param name="learningRates">The curve that a <see cref="LearningRateFinder"/> found before the sweep; null for no curve.</param>
    /// <exception cref="ArgumentException">The path is empty or not valid.</exception>
    /// <exception cref="InvalidOperationException">The options of a history are not JSON.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; or it already exists and is neither empty nor a report of this library. Such a file is not changed.
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
    /// Saves a report of one training: the learning rate and the losses in one figure, each metric with its best epoch, and the actions of
    /// the schedule and of early stopping.
    /// </summary>
    /// <param name="history">The history of a model, or of a saved model: see <see cref="TrainingHistory.Load(string)"/>.</param>
    /// <param name="path">The file. It is created, with its folder, or overwritten if it is already such a report.</param>
    /// <param name="title">The title; null for the type of the trainer.</param>
    /// <exception cref="ArgumentException">The path is empty or not valid.</exception>
    /// <exception cref="InvalidOperationException">The options of a history are not JSON.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; or it already exists and is neither empty nor a report of this library. Such a file is not changed.
    /// </exception>
    public static void SaveReport(this TrainingHistory history, string path, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        TrainingReport.Save(history, path, title);
    }

    /// <summary>Saves a report of a learning rate finder: the loss for each rate, the suggested rate, and the reason.</summary>
    /// <param name="curve">The curve that the finder returned.</param>
    /// <param name="path">The file. It is created, with its folder, or overwritten if it is already such a report.</param>
    /// <param name="title">The title.</param>
    /// <exception cref="ArgumentException">The path is empty or not valid.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; or it already exists and is neither empty nor a report of this library. Such a file is not changed.
    /// </exception>
    public static void SaveReport(this LearningRateCurve curve, string path, string title = "Learning rates")
    {
        ArgumentNullException.ThrowIfNull(curve);
        ReportPage.Save(path, title, new ReportData("rates", [], Schedules.Metric.ValidationLoss) { Rates = curve });
    }
}
