namespace LrScheduling.Build;

/// <summary>What training is measured against: PyTorch and scikit-learn of Python, and liblinear.</summary>
public static class PythonPeers
{
    private const string Packages = "/usr/lib/python3/dist-packages";

    /// <summary>
    /// Installs what is missing where that is possible without a question; says in a few words what it did, or what to do.
    /// </summary>
    public static string Prepare()
    {
        (string Package, string Module)[] peers = [("python3-torch", "torch"), ("python3-sklearn", "sklearn")];
        string[] missing = [.. peers.Where(peer => !HasModule(peer.Module)).Select(peer => peer.Package),
            .. Shell.Has("liblinear-train") ? Array.Empty<string>() : ["liblinear-tools"]];
        if (missing.Length == 0) return "PyTorch, scikit-learn and liblinear are there";
        try
        {
            return Debian.Install(missing, string.Join(" and ", missing));
        }
        catch (BuildException e)
        {
            // The rest can be measured all the same.
            return $"without {string.Join(" and ", missing)}: {e.Message}";
        }
    }

    private static bool HasModule(string module) =>
        Directory.Exists(Path.Combine(Packages, module))
        || (Shell.Has("python3") && Shell.Capture("python3", ["-c", $"import {module}"]).ExitCode == 0);
}
