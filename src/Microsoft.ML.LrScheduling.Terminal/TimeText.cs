using System.Globalization;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>Times, and how training has ended, in words.</summary>
internal static class TimeText
{
    /// <summary>A time in minutes and seconds, or in hours too.</summary>
    public static string Of(TimeSpan time) =>
        time.TotalHours < 1 ? time.ToString(@"m\:ss", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time:mm\\:ss}");

    /// <summary>Why training has ended, and after which time.</summary>
    public static string Of(StopReason reason, TimeSpan time) => $"{Of(reason)} after {Of(time)}";

    /// <summary>Why training has ended.</summary>
    public static string Of(StopReason reason) => reason switch
    {
        StopReason.EarlyStopped => "early stopped",
        _ => $"{reason}".ToLowerInvariant(),
    };
}
