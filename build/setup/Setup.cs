namespace LrScheduling.Build;

/// <summary>What every program in build/ does first.</summary>
public static class Setup
{
    /// <summary>Runs the body of a program; turns a <see cref="BuildException"/> into its message and exit code 1.</summary>
    public static int Main(Func<int> body)
    {
        try
        {
            return body();
        }
        catch (BuildException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    /// <summary>Finds out where the dependencies come from, sets up what is missing, and says so in one line.</summary>
    public static Dependencies Prepare(Arguments arguments)
    {
        var dependencies = Dependencies.Find(arguments);
        var native = dependencies.Source == "subset" ? $"; {NativeTools.Prepare()}" : "";
        Console.WriteLine($"Dependencies: {dependencies.Source} ({dependencies.Reason}){native}.");
        return dependencies;
    }
}
