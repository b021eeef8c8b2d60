using System.Runtime.CompilerServices;

namespace Microsoft.ML.Runtime;

/// <summary>The checks that components share, and the exceptions that they agree on.</summary>
internal static class Contracts
{
    internal static void Check(bool holds, string message)
    {
        if (!holds)
            throw new InvalidOperationException(message);
    }

    internal static void Check(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] CheckMessage message)
    {
        if (!holds)
            throw new InvalidOperationException(message.ToString());
    }

    internal static void CheckParam(bool holds, string paramName, string message)
    {
        if (!holds)
            throw ExceptParam(paramName, message);
    }

    internal static void CheckParam(bool holds, string paramName, [InterpolatedStringHandlerArgument(nameof(holds))] CheckMessage message)
    {
        if (!holds)
            throw ExceptParam(paramName, message.ToString());
    }

    internal static void CheckUserArg(bool holds, string paramName, string message) => CheckParam(holds, paramName, message);

    internal static void CheckUserArg(bool holds, string paramName, [InterpolatedStringHandlerArgument(nameof(holds))] CheckMessage message)
        => CheckParam(holds, paramName, message);

    internal static void CheckValue(object value, string paramName)
    {
        if (value is null)
            throw new ArgumentNullException(paramName);
    }

    internal static void CheckNonEmpty(string value, string paramName)
        => CheckParam(!string.IsNullOrEmpty(value), paramName, $"{paramName} cannot be null or empty");

    internal static ArgumentOutOfRangeException ExceptParam(string paramName, string message) => new(paramName, message);

    internal static ArgumentOutOfRangeException ExceptSchemaMismatch(string paramName, string columnRole, string columnName)
        => new(paramName, $"Could not find {columnRole} column '{columnName}'");

    internal static ArgumentOutOfRangeException ExceptSchemaMismatch(
        string paramName, string columnRole, string columnName, string expectedType, string actualType)
        => new(paramName, $"Schema mismatch for {columnRole} column '{columnName}': expected {expectedType}, got {actualType}");

    internal static InvalidOperationException ExceptNotOnRow() => new("Values can only be fetched while the cursor stands on a row.");

    /// <summary>What a call that only the whole package answers throws.</summary>
    internal static NotSupportedException ExceptNotInSubset(string what)
        => new($"{what} is not part of this subset of Microsoft.ML; build with the package Microsoft.ML to use it.");

    internal static void CheckAlive(this IHostEnvironment env)
    {
        if (env is ICancelable { IsCanceled: true })
            throw new OperationCanceledException("Operation was canceled.");
    }
}
