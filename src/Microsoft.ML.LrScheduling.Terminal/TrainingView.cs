using System.Globalization;
using Microsoft.ML.LrScheduling.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>What is shown of a training: a bar, and under it the line of the epoch.</summary>
internal sealed class TrainingView
{
    private const int BarLength = 40;

    private TrainingProgress? _last;
    private TimeSpan _trained;
    private int _reports;

    /// <summary>Takes note of an epoch.</summary>
    public void Take(TrainingProgress progress)
    {
        // Another training begins, or the same one anew.
        if (progress.Epoch.Epoch <= _last?.Epoch.Epoch) (_trained, _reports) = (default, 0);
        _trained += progress.Epoch.Duration;
        (_last, _reports) = (progress, _reports + 1);
    }

    /// <summary>What is shown after the last epoch that there was.</summary>
    /// <param name="ended">Why training has ended; null where it goes on.</param>
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
