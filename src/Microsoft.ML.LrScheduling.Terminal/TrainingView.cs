using System.Globalization;
using Microsoft.ML.LrScheduling.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>What is shown of a training: a bar, and under it the line of the epoch.</summary>
internal sealed class TrainingView
{
    private const int BarLength = 40;

    private TimeSpan _trained;
    private int _reports;
    private int _epochs;

    /// <summary>What is shown after an epoch.</summary>
    public IRenderable Of(TrainingProgress progress)
    {
        // Another training begins, or the same one anew.
        if (progress.Epoch.Epoch <= _epochs) (_trained, _reports) = (default, 0);
        _trained += progress.Epoch.Duration;
        (_epochs, _reports) = (progress.Epoch.Epoch, _reports + 1);
        var left = _trained / _reports * (progress.NumberOfEpochs - _epochs);
        var done = (int)((long)BarLength * _epochs / progress.NumberOfEpochs);
        var percent = (100.0 * _epochs / progress.NumberOfEpochs).ToString("F0", CultureInfo.InvariantCulture);
        return new Rows(
            new Markup($"[green]{new string('━', done)}[/][grey]{new string('━', BarLength - done)}[/] {percent}% {Text(left)} left"),
            new Text($"{progress}"));
    }

    private static string Text(TimeSpan time) => time.ToString(time.TotalHours < 1 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
}
