using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Runs parsers, which take some ten kilobytes of stack for each bracket: on the caller's stack where that is enough, else on one of their
/// own.
/// </summary>
internal static class LargeStack
{
    private const int Size = 4 << 20;

    // What there is at least where the runtime says that it is sufficient has room for these.
    private const int FewBrackets = 4;

    /// <summary>Runs a parser.</summary>
    /// <param name="depth">The brackets that are open at once.</param>
    /// <param name="parse">The parser.</param>
    public static T Run<T>(int depth, Func<T> parse)
    {
        if (depth <= FewBrackets && RuntimeHelpers.TryEnsureSufficientExecutionStack()) return parse();
        var (result, fault) = (default(T), default(ExceptionDispatchInfo));
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = parse();
                }
                catch (Exception e)
                {
                    fault = ExceptionDispatchInfo.Capture(e);
                }
            },
            Size);
        thread.Start();
        thread.Join();
        fault?.Throw();
        return result!;
    }
}
