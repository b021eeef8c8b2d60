using Microsoft.ML.Runtime;

namespace Microsoft.ML.Calibrators;

/// <summary>Turns a score into a probability.</summary>
public interface ICalibrator
{
    float PredictProbability(float output);
}

/// <summary>The probability 1 / (1 + exp(slope · score + offset)).</summary>
public sealed class PlattCalibrator : ICalibrator, ICanSaveModel
{
    internal const string LoaderSignature = "PlattCaliExec";

    internal PlattCalibrator(IHostEnvironment env, double slope, double offset)
    {
        Contracts.CheckValue(env, nameof(env));
        Slope = slope;
        Offset = offset;
    }

    public double Slope { get; }
    public double Offset { get; }

    public float PredictProbability(float output) => float.IsNaN(output) ? output : Probability(output, Slope, Offset);

    internal static float Probability(float output, double slope, double offset) => (float)(1 / (1 + Math.Exp(slope * output + offset)));

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        ctx.Writer.Write(Slope);
        ctx.Writer.Write(Offset);
    }

    internal static PlattCalibrator Load(ModelLoadContext ctx) => new(ctx.Env, ctx.Reader.ReadDouble(), ctx.Reader.ReadDouble());
}
