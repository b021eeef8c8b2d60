using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class NormalizingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "Normalizer";
    private readonly AffineFunction[] _functions;

    internal NormalizingTransformer((string OutputColumnName, string InputColumnName)[] columns, AffineFunction[] functions)
        : base(columns) =>
        _functions = functions;

    public NormalizerModelParametersBase GetNormalizerModelParameters(int index)
    {
        Contracts.CheckUserArg(index >= 0 && index < _functions.Length, nameof(index),
            $"Not valid. Valid range is from 0 (inclusive) to {_functions.Length} (exclusive) but got {index}.");
        return _functions[index].Parameters;
    }

    private protected override MappedColumn MapColumn(int index, DataViewSchema.Column input)
    {
        var function = _functions[index];
        CheckType(input, function.Type);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
        annotations.Add(input.Annotations, kind => kind == AnnotationKinds.SlotNames);
        var column = new DataViewSchema.DetachedColumn(ColumnPairs[index].OutputColumnName, function.Type, annotations.ToAnnotations());
        return new(column, [input.Index], row => function.CreateGetter(row, input.Index));
    }

    private static void CheckType(DataViewSchema.Column input, DataViewType expected)
    {
        const string Wanted = "scalar or known-size vector of Single";
        if (input.Type is VectorDataViewType { IsKnownSize: false })
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", input.Name, Wanted, "variable-size vector");
        var itemType = input.Type.GetItemType();
        if (itemType != NumberDataViewType.Single && itemType != NumberDataViewType.Double)
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", input.Name, Wanted, input.Type.ToString());
        if (itemType != expected.GetItemType() || input.Type is VectorDataViewType != expected is VectorDataViewType)
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", input.Name, expected.ToString(), input.Type.ToString());
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        SaveColumns(ctx);
        foreach (var function in _functions)
            function.Save(ctx.Writer);
    }

    internal static NormalizingTransformer Load(ModelLoadContext ctx)
    {
        var columns = LoadColumns(ctx);
        return new(columns, Array.ConvertAll(columns, _ => AffineFunction.Load(ctx.Reader)));
    }

    public abstract class NormalizerModelParametersBase
    {
        private protected NormalizerModelParametersBase()
        {
        }
    }

    public sealed class AffineNormalizerModelParameters<TData> : NormalizerModelParametersBase
    {
        internal AffineNormalizerModelParameters(TData scale, TData offset)
        {
            Scale = scale;
            Offset = offset;
        }

        public TData Scale { get; }

        public TData Offset { get; }
    }
}
