using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Runs a parser on a stack that is large enough. A parser needs about ten kilobytes of stack for each open bracket. If the stack of the
/// caller is too small, the parser runs on a new thread with a larger one.
/// </summary>
internal static class LargeStack
{
    private const int Size = 4 << 20;

    // TryEnsureSufficientExecutionStack only guarantees a stack for about this number of brackets.
    private const int FewBrackets = 4;

    /// <summary>Runs a parser.</summary>
    /// <param name="depth">The maximum depth of brackets in the text.</param>
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
