namespace LrScheduling.Build;

/// <summary>What the programs in build/ can be asked for.</summary>
/// <param name="Dependencies">packages, subset, all; null to find out.</param>
/// <param name="Properties">MSBuild properties (<c>-p:Name=Value</c>) to hand on.</param>
public sealed record Arguments(string? Dependencies, string[] Properties)
{
    /// <summary>Reads a command line.</summary>
    /// <param name="args">The words of the command line.</param>
    /// <param name="sources">What <c>--dependencies</c> may be.</param>
    /// <exception cref="BuildException">A word is not known.</exception>
    public static Arguments Parse(string[] args, params string[] sources)
    {
        string? dependencies = null;
        var properties = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i].StartsWith("-p:", StringComparison.Ordinal)) properties.Add(args[i]);
            else if (args[i] == "--dependencies" && i + 1 < args.Length && sources.Contains(args[i + 1])) dependencies = args[++i];
            else throw new BuildException($"Arguments must be --dependencies {string.Join('|', sources)} or -p:Name=Value. Received: {string.Join(' ', args)}");
        }

        return new(dependencies, [.. properties]);
    }
}

/// <summary>A reason to stop that the user is to read; not a defect.</summary>
public sealed class BuildException(string message) : Exception(message);
