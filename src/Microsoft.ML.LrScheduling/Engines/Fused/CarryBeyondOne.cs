namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>
/// A <see cref="Carry"/> in single precision, by how much it differs from one that leaves the weight as it is: of many small decays no
/// digit is lost.
/// </summary>
/// <param name="WeightOfWeight">What of the weight is added to it.</param>
/// <param name="WeightOfCarried">What of what is carried is added to the weight.</param>
/// <param name="CarriedOfWeight">What of the weight is in what is carried.</param>
/// <param name="CarriedOfCarried">What of what is carried is kept.</param>
internal readonly record struct CarryBeyondOne(float WeightOfWeight, float WeightOfCarried, float CarriedOfWeight, float CarriedOfCarried)
{
    public CarryBeyondOne(in Carry carry)
        : this(
            (float)(carry.WeightOfWeight - 1), (float)carry.WeightOfCarried, (float)carry.CarriedOfWeight, (float)carry.CarriedOfCarried)
    {
    }

    /// <summary>The map itself.</summary>
    public Carry ToCarry() => new(1 + (double)WeightOfWeight, WeightOfCarried, CarriedOfWeight, CarriedOfCarried);

    /// <summary>Writes it.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(WeightOfWeight);
        writer.Write(WeightOfCarried);
        writer.Write(CarriedOfWeight);
        writer.Write(CarriedOfCarried);
    }

    /// <summary>Reads it.</summary>
    public static CarryBeyondOne Read(BinaryReader reader) =>
        new(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle());
}
