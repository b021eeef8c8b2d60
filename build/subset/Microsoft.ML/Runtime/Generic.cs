namespace Microsoft.ML.Runtime;

/// <summary>Calls a static generic method whose type argument is known only at run time.</summary>
internal static class Generic
{
    internal static TResult Call<TResult>(Func<TResult> example, Type type) => Closed(example, type)();

    internal static TResult Call<T1, TResult>(Func<T1, TResult> example, Type type, T1 first) => Closed(example, type)(first);

    internal static TResult Call<T1, T2, TResult>(Func<T1, T2, TResult> example, Type type, T1 first, T2 second)
        => Closed(example, type)(first, second);

    internal static TResult Call<T1, T2, T3, TResult>(Func<T1, T2, T3, TResult> example, Type type, T1 first, T2 second, T3 third)
        => Closed(example, type)(first, second, third);

    // A delegate of the same generic method, closed over another type: an exception inside it reaches the caller unwrapped.
    private static TDelegate Closed<TDelegate>(TDelegate example, params Type[] types) where TDelegate : Delegate
        => example.Method.GetGenericMethodDefinition().MakeGenericMethod(types).CreateDelegate<TDelegate>(example.Target);
}
