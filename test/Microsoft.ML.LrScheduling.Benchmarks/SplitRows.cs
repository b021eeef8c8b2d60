namespace Microsoft.ML.LrScheduling.Benchmarks;

/// <summary>Rows of a file to train on, and rows held out, with the columns Features and Label.</summary>
/// <param name="MLContext">What they were made with.</param>
/// <param name="Task">What is to be learned.</param>
/// <param name="Training">The rows to train on, in memory.</param>
/// <param name="Test">The rows held out.</param>
internal sealed record SplitRows(MLContext MLContext, DataTask Task, IDataView Training, IDataView Test)
{
    /// <summary>The number of rows to train on.</summary>
    public int TrainingCount { get; } = (int)Training.GetRowCount()!.Value;

    /// <summary>How well a model does on the rows held out.</summary>
    public double Measure(ITransformer model)
    {
        var scored = model.Transform(Test);
        return Task switch
        {
            DataTask.Regression => MLContext.Regression.Evaluate(scored).RSquared,
            DataTask.Binary => MLContext.BinaryClassification.EvaluateNonCalibrated(scored).AreaUnderRocCurve,
            _ => MLContext.MulticlassClassification.Evaluate(scored).MicroAccuracy,
        };
    }
}
