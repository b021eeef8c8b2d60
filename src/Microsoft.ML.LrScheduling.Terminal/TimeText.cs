using System.Globalization;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>Formats times and stop reasons.</summary>
internal static class TimeText
{
    /// <summary>Returns a time in minutes and seconds, with hours from one hour on. A negative time is 0.</summary>
    public static string Of(TimeSpan time) =>
        time < TimeSpan.Zero ? Of(TimeSpan.Zero)
            : time.TotalHours < 1 ? time.ToString(@"m\:ss", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time:mm\\:ss}");

    /// <summary>Returns why training ended, and after which time.</summary>
    public static string Of(StopReason reason, TimeSpan time) => $"{Of(reason)} after {Of(time)}";

    /// <summary>Returns why training ended.</summary>
    public static string Of(StopReason reason) => reason switch
    {
        StopReason.EarlyStopped => "early stopped",
        _ => $"{reason}".ToLowerInvariant(),
    };
}
