using System.Globalization;
using Microsoft.ML.LrScheduling.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>Renders a training: a progress bar, and a line with the last epoch.</summary>
internal sealed class TrainingView
{
    private const int BarLength = 40;

    private TrainingProgress? _last;
    private TimeSpan _trained;
    private int _reports;

    /// <summary>Stores the progress after an epoch.</summary>
    public void Take(TrainingProgress progress)
    {
        // Another training has started, or the same one again.
        if (progress.Epoch.Epoch <= _last?.Epoch.Epoch) (_trained, _reports) = (default, 0);
        _trained += progress.Epoch.Duration;
        (_last, _reports) = (progress, _reports + 1);
    }

    /// <summary>Renders the last stored progress.</summary>
    /// <param name="ended">The reason why training ended; null if it is running.</param>
    public IRenderable Shown(StopReason? ended)
    {
        var (epochs, all) = (_last!.Epoch.Epoch, _last.NumberOfEpochs);
        var done = (int)((long)BarLength * epochs / all);
        var percent = (100.0 * epochs / all).ToString("F0", CultureInfo.InvariantCulture);
        var rest = ended is null ? $"{TimeText.Of(_trained / _reports * (all - epochs))} left" : TimeText.Of(ended.Value, _trained);
        return new Rows(
            new Markup($"[green]{new string('━', done)}[/][grey]{new string('━', BarLength - done)}[/] {percent}% {rest}"),
            new Text($"{_last}"));
    }
}
