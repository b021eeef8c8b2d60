using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed class TransformsCatalog
{
    internal IHostEnvironment Environment { get; }

    public CategoricalTransforms Categorical { get; }

    public ConversionTransforms Conversion { get; }

    internal TransformsCatalog(IHostEnvironment env)
    {
        Environment = env;
        Categorical = new(env);
        Conversion = new(env);
    }

    public sealed class CategoricalTransforms
    {
        internal IHostEnvironment Environment { get; }

        internal CategoricalTransforms(IHostEnvironment env) => Environment = env;
    }

    public sealed class ConversionTransforms
    {
        internal IHostEnvironment Environment { get; }

        internal ConversionTransforms(IHostEnvironment env) => Environment = env;
    }
}
