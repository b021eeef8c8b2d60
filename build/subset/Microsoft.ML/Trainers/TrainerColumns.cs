using Microsoft.ML.Data;
using static Microsoft.ML.SchemaShape.Column;

namespace Microsoft.ML.Trainers;

/// <summary>The shapes of the columns that linear trainers read and add.</summary>
internal static class TrainerColumns
{
    internal static SchemaShape.Column Features(string name) => new(name, VectorKind.Vector, NumberDataViewType.Single, false, null);

    internal static SchemaShape.Column SingleLabel(string name) => new(name, VectorKind.Scalar, NumberDataViewType.Single, false, null);

    internal static SchemaShape.Column BooleanLabel(string name) => new(name, VectorKind.Scalar, BooleanDataViewType.Instance, false, null);

    internal static SchemaShape.Column KeyLabel(string name) => new(name, VectorKind.Scalar, NumberDataViewType.UInt32, true, null);

    internal static SchemaShape.Column Weight(string name) => name is null ? default : SingleLabel(name);

    internal static SchemaShape.Column Score() =>
        Scored(DefaultColumnNames.Score, VectorKind.Scalar, NumberDataViewType.Single, false, ScoreAnnotations());

    internal static SchemaShape.Column Probability() =>
        Scored(DefaultColumnNames.Probability, VectorKind.Scalar, NumberDataViewType.Single, false,
            ScoreAnnotations().Append(Shapes.IsNormalized));

    /// <summary>What a calibrator makes of a score: annotated as that is, if it is annotated as a model's score at all.</summary>
    internal static SchemaShape.Column ProbabilityOf(SchemaShape.Column score)
    {
        var needed = ScoreAnnotations().ToArray();
        var given = needed.Where(annotation => score.Annotations.TryFindColumn(annotation.Name, out var own) && annotation.IsCompatibleWith(own));
        return Scored(DefaultColumnNames.Probability, VectorKind.Scalar, NumberDataViewType.Single, false,
            given.Count() == needed.Length ? needed.Prepend(Shapes.IsNormalized) : [Shapes.IsNormalized]);
    }

    internal static SchemaShape.Column PredictedBoolean() =>
        Scored(DefaultColumnNames.PredictedLabel, VectorKind.Scalar, BooleanDataViewType.Instance, false, ScoreAnnotations());

    internal static SchemaShape.Column ClassScores(SchemaShape.Column label) =>
        Scored(DefaultColumnNames.Score, VectorKind.Vector, NumberDataViewType.Single, false, ClassNames(label).Concat(ScoreAnnotations()));

    internal static SchemaShape.Column PredictedKey(SchemaShape.Column label) =>
        Scored(DefaultColumnNames.PredictedLabel, VectorKind.Scalar, NumberDataViewType.UInt32, true,
            label.Annotations.Where(annotation => annotation.Name == AnnotationKinds.KeyValues).Concat(ScoreAnnotations()));

    private static SchemaShape.Column Scored(
        string name, VectorKind kind, DataViewType type, bool isKey, IEnumerable<SchemaShape.Column> annotations) =>
        new(name, kind, type, isKey, new SchemaShape(annotations));

    private static IEnumerable<SchemaShape.Column> ScoreAnnotations() =>
    [
        new(AnnotationKinds.ScoreColumnSetId, VectorKind.Scalar, NumberDataViewType.UInt32, true, null),
        new(AnnotationKinds.ScoreColumnKind, VectorKind.Scalar, TextDataViewType.Instance, false, null),
        new(AnnotationKinds.ScoreValueKind, VectorKind.Scalar, TextDataViewType.Instance, false, null),
    ];

    private static IEnumerable<SchemaShape.Column> ClassNames(SchemaShape.Column label)
    {
        if (!label.IsKey || !label.Annotations.TryFindColumn(AnnotationKinds.KeyValues, out var values) || values.Kind != VectorKind.Vector)
            yield break;
        if (values.ItemType is TextDataViewType)
            yield return new(AnnotationKinds.SlotNames, VectorKind.Vector, TextDataViewType.Instance, false, null);
        yield return new(AnnotationKinds.TrainingLabelValues, VectorKind.Vector, values.ItemType, false, null);
    }
}
