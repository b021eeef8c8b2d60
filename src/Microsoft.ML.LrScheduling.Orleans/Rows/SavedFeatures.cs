using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The transformer of the features as a model file, for workers.</summary>
internal static class SavedFeatures
{
    /// <summary>Writes the model file.</summary>
    /// <param name="features">The transformer.</param>
    /// <param name="schema">The columns of the rows.</param>
    /// <param name="stream">The stream to write to.</param>
    /// <exception cref="InvalidOperationException">A transformer cannot be saved; the message says which.</exception>
    public static void Write(ITransformer features, DataViewSchema schema, Stream stream)
    {
        // In memory first: a failure there is the fault of a transformer, and not of the disk.
        using var saved = new MemoryStream();
        try
        {
            new MLContext().Model.Save(features, schema, saved);
        }
        catch (Exception e) when (TrialFailure.IsOne(e))
        {
            var all = Leaves(features).ToArray();
            var culprit = Array.FindIndex(all, one => !IsSaved(one, schema));
            var which = culprit < 0 ? NameOf(features.GetType())
                : $"{NameOf(all[culprit].GetType())} (number {culprit + 1} of {Quantity.Of(all.Length, "transformer")})";
            throw new InvalidOperationException(
                "Each transformer of features must be one that can be saved, since features travel to the workers as a model file. "
                + $"Received: {which}, of which ML.NET says: {OneLine.Of(e.GetBaseException().Message)} No code travels: apply what is a "
                + "function, such as a CustomMapping, to the rows before the sweep, and leave it out of features.", e);
        }

        saved.WriteTo(stream);
    }

    private static IEnumerable<ITransformer> Leaves(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Leaves) : [transformer];

    private static bool IsSaved(ITransformer transformer, DataViewSchema schema)
    {
        try
        {
            using var stream = new MemoryStream();
            new MLContext().Model.Save(transformer, schema, stream);
            return true;
        }
        catch (Exception e) when (TrialFailure.IsOne(e))
        {
            return false;
        }
    }

    // As it is written in C#.
    private static string NameOf(Type type) => !type.IsGenericType ? type.Name
        : $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
}
