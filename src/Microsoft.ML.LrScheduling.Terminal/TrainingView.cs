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
        // Progress can come from any code, also with numbers that contradict each other.
        var part = all > 0 ? Math.Clamp((double)epochs / all, 0, 1) : 1;
        var done = (int)(BarLength * part);
        var percent = (100 * part).ToString("F0", CultureInfo.InvariantCulture);
        var rest = ended is null ? $"{TimeText.Of(Left(all - epochs))} left" : TimeText.Of(ended.Value, _trained);
        return new Rows(
            new Markup($"[green]{new string('━', done)}[/][grey]{new string('━', BarLength - done)}[/] {percent}% {rest}"),
            new Text($"{_last}"));
    }

    // Of very many epochs, the time can be longer than a TimeSpan holds.
    private TimeSpan Left(int epochs)
    {
        var seconds = _trained.TotalSeconds / _reports * Math.Max(0, epochs);
        return seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
    }
}
