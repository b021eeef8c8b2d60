using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace Microsoft.ML.Transforms;

public sealed class TypeConvertingEstimator : TrivialEstimator<TypeConvertingTransformer>
{
    internal TypeConvertingEstimator((string OutputColumnName, string InputColumnName)[] columns, DataKind outputKind)
        : base(new TypeConvertingTransformer(columns, outputKind))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        Shapes.Add(inputSchema, Transformer.ColumnPairs, (output, input) =>
        {
            if (input.IsKey || !Conversions.CanRead(input.ItemType))
                throw Contracts.ExceptParam(nameof(inputSchema), $"Don't know how to convert {input.Name} into {Transformer.OutputType}");
            var annotations = input.Annotations(AnnotationKinds.SlotNames).Where(_ => input.Kind == VectorKind.Vector).ToList();
            if (input.ItemType is BooleanDataViewType && Transformer.OutputType is NumberDataViewType)
                annotations.Add(Shapes.IsNormalized);
            else if (input.ItemType is NumberDataViewType)
                annotations.AddRange(input.Annotations(AnnotationKinds.IsNormalized));
            return new(output, input.Kind, Transformer.OutputType, false, new SchemaShape(annotations));
        });
}

public sealed class TypeConvertingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "TypeConverterTransform";
    private readonly DataKind _outputKind;

    internal TypeConvertingTransformer((string OutputColumnName, string InputColumnName)[] columns, DataKind outputKind) : base(columns)
    {
        if (outputKind is not (DataKind.Single or DataKind.Double))
            throw Contracts.ExceptNotInSubset($"Converting a column to {outputKind}");
        _outputKind = outputKind;
        OutputType = outputKind == DataKind.Single ? NumberDataViewType.Single : NumberDataViewType.Double;
    }

    internal NumberDataViewType OutputType { get; }

    private protected override MappedColumn MapColumn(int index, DataViewSchema.Column input)
    {
        var itemType = input.Type.GetItemType();
        if (!Conversions.CanRead(itemType))
            throw Contracts.ExceptParam("inputSchema",
                $"source column '{input.Name}' with item type '{input.Type}' is not compatible with destination type '{OutputType}'");
        var annotations = new DataViewSchema.Annotations.Builder();
        if (input.Type is VectorDataViewType { IsKnownSize: true })
            annotations.Add(input.Annotations, kind => kind == AnnotationKinds.SlotNames);
        if (itemType is NumberDataViewType)
            annotations.Add(input.Annotations, kind => kind == AnnotationKinds.IsNormalized);
        else if (input.Type is BooleanDataViewType)
            annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
        DataViewType type = input.Type is VectorDataViewType vector ? new VectorDataViewType(OutputType, vector.Dimensions) : OutputType;
        return new(new(ColumnPairs[index].OutputColumnName, type, annotations.ToAnnotations()), [input.Index],
            row => Conversions.CreateGetter(row, row.Schema[input.Index], OutputType));
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        SaveColumns(ctx);
        ctx.Writer.Write((byte)_outputKind);
    }

    internal static TypeConvertingTransformer Load(ModelLoadContext ctx) => new(LoadColumns(ctx), (DataKind)ctx.Reader.ReadByte());
}
