namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// A linear map of a weight w and of its carried state v (a momentum buffer, which moves the weight even without a gradient). It describes
/// the effect of steps that skip the weight.
/// </summary>
/// <param name="WeightOfWeight">The coefficient of w in the new w.</param>
/// <param name="WeightOfCarried">The coefficient of v in the new w.</param>
/// <param name="CarriedOfWeight">The coefficient of w in the new v.</param>
/// <param name="CarriedOfCarried">The coefficient of v in the new v.</param>
internal readonly record struct Carry(double WeightOfWeight, double WeightOfCarried, double CarriedOfWeight, double CarriedOfCarried)
{
    /// <summary>The identity.</summary>
    public static Carry Identity { get; } = new(1, 0, 0, 1);

    /// <summary>Returns the composition: <paramref name="first"/>, and then this map.</summary>
    public Carry After(in Carry first) => new(
        WeightOfWeight * first.WeightOfWeight + WeightOfCarried * first.CarriedOfWeight,
        WeightOfWeight * first.WeightOfCarried + WeightOfCarried * first.CarriedOfCarried,
        CarriedOfWeight * first.WeightOfWeight + CarriedOfCarried * first.CarriedOfWeight,
        CarriedOfWeight * first.WeightOfCarried + CarriedOfCarried * first.CarriedOfCarried);

    /// <summary>Writes the map.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(WeightOfWeight);
        writer.Write(WeightOfCarried);
        writer.Write(CarriedOfWeight);
        writer.Write(CarriedOfCarried);
    }

    /// <summary>Reads a map.</summary>
    public static Carry Read(BinaryReader reader) =>
        new(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
}
