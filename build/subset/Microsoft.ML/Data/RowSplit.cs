using Microsoft.ML.Runtime;
using static Microsoft.ML.DataOperationsCatalog;

namespace Microsoft.ML.Data;

/// <summary>Divides rows by a number in [0, 1) that each draws in its turn, or has from a sampling key; one seed, one division.</summary>
internal static class RowSplit
{
    private const int DefaultSeed = 42;

    internal static TrainTestData Halves(IHostEnvironment env, IDataView data, double testFraction, string samplingKeyColumnName, int? seed)
    {
        Contracts.CheckParam(0 < testFraction && testFraction < 1, nameof(testFraction), "Must be between 0 and 1 exclusive");
        return Split(data, SamplingKey(data, samplingKeyColumnName), SeedOf(env, seed), 0, testFraction);
    }

    internal static TrainTestData[] Folds(IHostEnvironment env, IDataView data, int numberOfFolds, string samplingKeyColumnName, int? seed)
    {
        Contracts.CheckParam(numberOfFolds > 1, nameof(numberOfFolds), "Must be more than 1");
        var (key, salt) = (SamplingKey(data, samplingKeyColumnName), SeedOf(env, seed));
        return [.. Enumerable.Range(0, numberOfFolds)
            .Select(fold => Split(data, key, salt, (double)fold / numberOfFolds, (fold + 1d) / numberOfFolds))];
    }

    private static int SeedOf(IHostEnvironment env, int? seed) => seed ?? (env as Host)?.Root.Seed ?? DefaultSeed;

    private static TrainTestData Split(IDataView data, DataViewSchema.Column? key, int seed, double lower, double upper)
    {
        IDataView Part(bool isTestSet)
        {
            int[] inputs = key is { } column ? [column.Index] : [];
            return new FilterView(data, inputs, row =>
            {
                var share = key is { } column
                    ? Generic.Call(ShareOfKey<int>, column.Type.RawType, row, column, seed)
                    : new Random(seed).NextDouble;
                return () => share() is var value && (lower <= value && value < upper) == isTestSet;
            }, isInOrder: key is null);
        }
        return new(trainSet: Part(isTestSet: false), testSet: Part(isTestSet: true));
    }

    private static DataViewSchema.Column? SamplingKey(IDataView data, string samplingKeyColumnName)
    {
        if (samplingKeyColumnName is null)
            return null;
        var column = data.Schema.GetColumnOrNull(samplingKeyColumnName)
            ?? throw Contracts.ExceptSchemaMismatch("samplingKeyColumn", "SamplingKeyColumn", samplingKeyColumnName);
        if (column.Type is not PrimitiveDataViewType)
            throw Contracts.ExceptNotInSubset($"A sampling key of type {column.Type}");
        return column;
    }

    private static Func<double> ShareOfKey<T>(DataViewRow row, DataViewSchema.Column column, int seed)
    {
        var getter = row.GetGetter<T>(column);
        var value = default(T);
        return () =>
        {
            getter(ref value);
            var hash = value is ReadOnlyMemory<char> text ? HashOfText(text.Span) : (ulong)value.GetHashCode();
            return (Mixed(hash + Mixed((uint)seed)) >> 11) * (1.0 / (1ul << 53));
        };
    }

    // string.GetHashCode differs from one process to the next; a split must not.
    private static ulong HashOfText(ReadOnlySpan<char> text)
    {
        var hash = 14695981039346656037ul;
        foreach (var character in text)
            hash = (hash ^ character) * 1099511628211;
        return hash;
    }

    // The finalizer of SplitMix64: every input bit reaches every output bit.
    private static ulong Mixed(ulong bits)
    {
        bits += 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
