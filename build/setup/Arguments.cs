namespace LrScheduling.Build;

/// <summary>The command line of a program in build/.</summary>
public static class Arguments
{
    /// <summary>Whether only help is asked for: it is then printed.</summary>
    /// <param name="args">The words of the command line.</param>
    /// <param name="help">What the program does and how it is called.</param>
    public static bool AskForHelp(string[] args, string help)
    {
        if (!args.Any(word => word is "--help" or "-h" or "-?")) return false;
        Console.WriteLine(help);
        return true;
    }

    /// <summary>The MSBuild properties (<c>-p:Name=Value</c>) of a command line that has nothing else.</summary>
    /// <param name="args">The words of the command line.</param>
    /// <exception cref="BuildException">A word is something else.</exception>
    public static string[] Properties(string[] args)
    {
        var (properties, rest) = Split(args);
        return rest.Length == 0
            ? properties
            : throw new BuildException($"Arguments must be --help or -p:Name=Value. Received: {string.Join(' ', args)}");
    }

    /// <summary>The MSBuild properties of a command line, and the other words.</summary>
    /// <param name="args">The words of the command line.</param>
    public static (string[] Properties, string[] Others) Split(string[] args)
    {
        var isProperty = args.ToLookup(word => word.StartsWith("-p:", StringComparison.Ordinal));
        return ([.. isProperty[true]], [.. isProperty[false]]);
    }
}
