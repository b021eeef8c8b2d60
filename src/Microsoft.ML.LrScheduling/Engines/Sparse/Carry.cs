namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>A linear map of a weight w and of what is carried with it, v.</summary>
/// <param name="WeightOfWeight">What of w is in w.</param>
/// <param name="WeightOfCarried">What of v is in w.</param>
/// <param name="CarriedOfWeight">What of w is in v.</param>
/// <param name="CarriedOfCarried">What of v is in v.</param>
internal readonly record struct Carry(double WeightOfWeight, double WeightOfCarried, double CarriedOfWeight, double CarriedOfCarried)
{
    /// <summary>Leaves everything as it is.</summary>
    public static Carry Identity { get; } = new(1, 0, 0, 1);

    /// <summary>This one, after another.</summary>
    public Carry After(in Carry first) => new(
        WeightOfWeight * first.WeightOfWeight + WeightOfCarried * first.CarriedOfWeight,
        WeightOfWeight * first.WeightOfCarried + WeightOfCarried * first.CarriedOfCarried,
        CarriedOfWeight * first.WeightOfWeight + CarriedOfCarried * first.CarriedOfWeight,
        CarriedOfWeight * first.WeightOfCarried + CarriedOfCarried * first.CarriedOfCarried);

    /// <summary>Writes it.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(WeightOfWeight);
        writer.Write(WeightOfCarried);
        writer.Write(CarriedOfWeight);
        writer.Write(CarriedOfCarried);
    }

    /// <summary>Reads it.</summary>
    public static Carry Read(BinaryReader reader) =>
        new(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
}
