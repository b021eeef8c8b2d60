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
        var arguments = ParseSome(args, out var rest, sources);
        return rest.Length == 0
            ? arguments
            : throw new BuildException($"Arguments must be --dependencies {string.Join('|', sources)} or -p:Name=Value. Received: {string.Join(' ', args)}");
    }

    /// <summary>Reads what of a command line is for building, and leaves the rest to the program that is built.</summary>
    /// <param name="args">The words of the command line.</param>
    /// <param name="rest">The words that are not known.</param>
    /// <param name="sources">What <c>--dependencies</c> may be.</param>
    public static Arguments ParseSome(string[] args, out string[] rest, params string[] sources)
    {
        string? dependencies = null;
        var (properties, others) = (new List<string>(), new List<string>());
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i].StartsWith("-p:", StringComparison.Ordinal)) properties.Add(args[i]);
            else if (args[i] == "--dependencies" && i + 1 < args.Length && sources.Contains(args[i + 1])) dependencies = args[++i];
            else others.Add(args[i]);
        }

        rest = [.. others];
        return new(dependencies, [.. properties]);
    }
}

/// <summary>A reason to stop that the user is to read; not a defect.</summary>
public sealed class BuildException(string message) : Exception(message);
