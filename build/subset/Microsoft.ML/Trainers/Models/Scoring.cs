using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>A model that gives one score a row.</summary>
internal interface IScalarModel
{
    VectorDataViewType InputType { get; }
    float Score(in VBuffer<float> features);
}

/// <summary>A model that gives one score a class and row.</summary>
internal interface IClassModel
{
    VectorDataViewType InputType { get; }
    VectorDataViewType OutputType { get; }
    void Score(in VBuffer<float> features, ref VBuffer<float> scores);
}

/// <summary>A model that has a weight for each feature.</summary>
internal interface IHaveFeatureWeights
{
    IReadOnlyList<float> Weights { get; }
}
