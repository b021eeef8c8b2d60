using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Training;

[TestClass]
public sealed class CheckpointFileTests
{
    [TestMethod]
    public void A_state_is_read_as_it_was_written()
    {
        var bytes = CheckpointFile.Write(Sample());
        CollectionAssert.AreEqual(bytes, CheckpointFile.Write(CheckpointFile.Read(bytes)));
        Assert.AreEqual(
            (3, 17, null), (CheckpointFile.Read(bytes).Epoch, CheckpointFile.Read(bytes).Step, CheckpointFile.Read(bytes).Ended));
    }

    [TestMethod]
    public void A_flipped_bit_anywhere_is_found_out()
    {
        var bytes = CheckpointFile.Write(Sample());
        var random = new Random(200);
        for (var i = 0; i < 200; i++)
        {
            var position = i * bytes.Length / 200;
            var damaged = (byte[])bytes.Clone();
            damaged[position] ^= (byte)(1 << random.Next(8));
            Assert.ThrowsExactly<InvalidDataException>(() => CheckpointFile.Read(damaged), $"byte {position}");
        }
    }

    [TestMethod]
    public void A_file_of_any_other_length_is_found_out()
    {
        var bytes = CheckpointFile.Write(Sample());
        for (var length = 0; length < bytes.Length; length += 1 + length / 50)
            Assert.ThrowsExactly<InvalidDataException>(() => CheckpointFile.Read(bytes[..length]), $"{length}");
        Assert.ThrowsExactly<InvalidDataException>(() => CheckpointFile.Read([.. bytes, 0]));
    }

    [TestMethod]
    public void Another_version_says_so()
    {
        var bytes = CheckpointFile.Write(Sample());
        bytes[8] = 1;
        Assert.AreEqual(
            "its version must be 3. Received: 1.", Assert.ThrowsExactly<InvalidDataException>(() => CheckpointFile.Read(bytes)).Message);
    }

    [TestMethod]
    public void Contents_that_are_wrong_under_a_right_checksum_end_in_nothing_worse()
    {
        // As an attacker could write them.
        var bytes = CheckpointFile.Write(Sample());
        var random = new Random(1);
        for (var i = 0; i < 3000; i++)
        {
            var forged = (byte[])bytes.Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                forged[20 + random.Next(forged.Length - 52)] = (byte)random.Next(256);
            try
            {
                CheckpointFile.Read(Signed(forged));
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [TestMethod]
    [DataRow(0, 0, null)]
    [DataRow(int.MaxValue, int.MaxValue, StopReason.Completed)]
    [DataRow(1, 0, StopReason.Failed)]
    public void Any_position_is_read_as_it_was_written(int epoch, int step, StopReason? ended)
    {
        var state = CheckpointFile.Read(CheckpointFile.Write(Sample() with { Epoch = epoch, Step = step, Ended = ended }));
        Assert.AreEqual((epoch, step, ended), (state.Epoch, state.Step, state.Ended));
    }

    [TestMethod]
    [DataRow(-1, 0, null)]
    [DataRow(0, -1, null)]
    [DataRow(0, 0, -2)]
    [DataRow(0, 0, 99)]
    public void A_position_that_is_not_valid_is_refused(int epoch, int step, int? ended) =>
        Refuse(
            CheckpointFile.Write(Sample() with { Epoch = epoch, Step = step, Ended = (StopReason?)ended }),
            "its epoch, step or stop reason is not valid.");

    [TestMethod]
    public void A_list_that_is_longer_than_the_file_is_refused_before_it_is_read()
    {
        // From the end: a checksum of 32 bytes; 300 of the engine, 0 and 3 of others, 2 rates of 8 bytes, 2 metrics of 12, each list
        // after its number.
        foreach (var (list, fromEnd, count) in new[]
            {
                ("the engine", 336, 301), ("the engine", 336, -1), ("rates", 367, 100), ("metrics", 395, 100),
                ("metrics", 395, int.MaxValue),
            })
        {
            var bytes = CheckpointFile.Write(Sample());
            BitConverter.GetBytes(count).CopyTo(bytes, bytes.Length - fromEnd);
            Refuse(Signed(bytes), "longer than the file.", list);
        }
    }

    private static void Refuse(byte[] bytes, string why, string? what = null) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => CheckpointFile.Read(bytes)).Message, why, what);

    private static byte[] Signed(byte[] bytes)
    {
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32)).CopyTo(bytes.AsSpan(bytes.Length - 32));
        return bytes;
    }

    private static TrainingState Sample()
    {
        var scheduler = LrSchedule.ReduceLROnPlateau().WithWarmup(3).Start(0.1, 0.2);
        scheduler.Step(1);
        var epoch = new EpochRecord
        {
            Epoch = 1,
            LearningRates = [0.1, 0.2],
            BatchLearningRates = [0.1, 0.2, 0.3, 0.4],
            TrainingLoss = double.NaN,
            ValidationMetrics = ImmutableSortedDictionary<Metric, double>.Empty.Add(Metric.RSquared, double.NegativeInfinity)
                .Add(Metric.ValidationLoss, 0.1 + 0.2),
            Duration = TimeSpan.FromTicks(12345),
        };
        return new TrainingState(
            new TrainingIdentity(ImmutableSortedDictionary<string, string>.Empty.Add("learningRate", "0.1").Add("ü", "\"\\"), "5 rows",
                "ABC"), 3, 17, null,
            [scheduler.Save()], [epoch, epoch with { Epoch = 2 }], [0.5, 0.25], [1, 2, 3], [],
            [.. Enumerable.Range(0, 300).Select(i => (byte)i)]);
    }
}
