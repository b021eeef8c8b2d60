using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal delegate void ValueCopier<T>(in T source, ref T destination);

/// <summary>Copies values so that the copy shares no buffer with the original.</summary>
internal static class ValueCopier
{
    internal static ValueCopier<T> For<T>()
    {
        if (!typeof(T).IsGenericType || typeof(T).GetGenericTypeDefinition() != typeof(VBuffer<>))
            return (in T source, ref T destination) => destination = source;
        return (ValueCopier<T>)Generic.Call(Vector<int>, typeof(T).GetGenericArguments()[0]);
    }

    private static Delegate Vector<T>()
        => (ValueCopier<VBuffer<T>>)((in VBuffer<T> source, ref VBuffer<T> destination) => source.CopyTo(ref destination));
}
