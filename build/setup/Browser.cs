namespace LrScheduling.Build;

/// <summary>The browser that reports are tested in.</summary>
public static class Browser
{
    /// <summary>
    /// Installs Debian's Chromium where it is missing and that is possible without a question; says in a few words what it did, or what
    /// to do.
    /// </summary>
    public static string Prepare()
    {
        if (Shell.Has("chromium")) return "chromium is there";
        try
        {
            return Debian.Install(["chromium"], "chromium, in which reports are tested,");
        }
        catch (BuildException e)
        {
            // All else can be tested all the same, and the tests of reports say that they were not run.
            return $"without chromium: {e.Message}";
        }
    }
}
