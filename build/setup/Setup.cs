namespace LrScheduling.Build;

/// <summary>What every program in build/ runs in.</summary>
public static class Setup
{
    /// <summary>Runs the body of a program; turns a <see cref="BuildException"/> into its message and exit code 1.</summary>
    /// <param name="args">The words of the command line.</param>
    /// <param name="help">What the program does and how it is called; printed where it is asked for.</param>
    /// <param name="body">The program.</param>
    public static int Main(string[] args, string help, Func<int> body)
    {
        try
        {
            return Arguments.AskForHelp(args, help) ? 0 : body();
        }
        catch (BuildException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }
}
