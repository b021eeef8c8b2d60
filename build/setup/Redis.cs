namespace LrScheduling.Build;

/// <summary>The Redis that clusters are tested with.</summary>
public static class Redis
{
    /// <summary>
    /// Installs Debian's redis-server where it is missing and that is possible without a question; says in a few words what it did, or
    /// what to do.
    /// </summary>
    public static string Prepare()
    {
        if (Shell.Has("redis-server")) return "redis-server is there";
        try
        {
            return Debian.Install(["redis-server"], "redis-server, with which clusters are tested,");
        }
        catch (BuildException e)
        {
            // All else can be tested all the same, and the tests of clusters of processes say that they were not run.
            return $"without redis-server: {e.Message}";
        }
    }
}
