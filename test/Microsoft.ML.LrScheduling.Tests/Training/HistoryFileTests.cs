using System.Collections.Immutable;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Training;

/// <summary>Histories in files: what is read holds and is used, and none takes more memory than it may.</summary>
[TestClass]
public sealed class HistoryFileTests : IDisposable
{
    private const string Epoch = """{"epoch":1,"learningRates":[0.1,0.2],"batchLearningRates":[],"trainingLoss":1,"""
        + """ "validationMetrics":{"logLoss":0.5},"duration":"00:00:01"}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling");

    public void Dispose() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("null", "$: a history must be an object.")]
    [DataRow("""{"version":1}""", "$: a history needs trainer, options, schedule, stopReason, bestEpoch, epochs")]
    [DataRow("""{"version":2}""", "$.version must be 1. Received: 2. A history of a later version needs a later LrScheduling.")]
    [DataRow("""{"version":1,"Version":1}""", "$: Version must be given once. Received: twice")]
    public void A_document_that_is_no_history_is_refused(string json, string message) => AssertRefused(json, message);

    [TestMethod]
    [DataRow("\"bestEpoch\":1", "\"bestEpoch\":-5", "$.bestEpoch must be null or one of the epochs. Received: -5")]
    [DataRow("\"bestEpoch\":1", "\"bestEpoch\":2", "$.bestEpoch must be null or one of the epochs. Received: 2")]
    [DataRow("\"bestEpoch\":1", "\"bestEpoch\":1,\"bestEpoch\":1", "$: bestEpoch must be given once. Received: twice")]
    [DataRow("\"completed\"", "7", "$.stopReason: ")]
    [DataRow("\"completed\"", "\"7\"", "$.stopReason: ")]
    [DataRow("\"trainer\":\"x\"", "\"trainer\":null", "$.trainer must be text. Received: null")]
    [DataRow("\"trainer\":\"x\"", "\"trainer\":\"\\ud800\"", "The JSON holds text that is not Unicode.")]
    [DataRow("\"schedule\":null", "\"schedule\":\"\\ud800\"", "The JSON holds text that is not Unicode.")]
    [DataRow("\"options\":{}", "\"options\":{\"a\":\"\\ud800\"}", "The JSON holds text that is not Unicode.")]
    [DataRow("\"options\":{}", "\"options\":{\"\\ud800\":1}", "The JSON holds text that is not Unicode.")]
    [DataRow("\"options\":{}", "\"options\":{\"a\":1,\"a\":1}", "")]
    [DataRow("\"options\":{}", "\"options\":3", "$.options must be an object or null.")]
    [DataRow("\"trainingRowCount\":3", "\"trainingRowCount\":-3", "$.trainingRowCount must be at least 0 or null. Received: -3")]
    [DataRow(Epoch, "null", "$.epochs[0] must be an object. Received: null")]
    [DataRow(Epoch, "{}", "$.epochs[0]: ")]
    [DataRow(Epoch, Epoch + "," + Epoch, "$.epochs[1].epoch must be more than 1. Received: 1")]
    [DataRow("\"epoch\":1", "\"epoch\":0", "$.epochs[0].epoch must be more than 0. Received: 0")]
    [DataRow("\"epoch\":1", "\"epoch\":1,\"epoch\":1", "$.epochs[0]: ")]
    [DataRow("[0.1,0.2]", "[]", "$.epochs[0].learningRates must hold one rate a parameter group, at least one. Received: 0 values")]
    [DataRow("[0.1,0.2]", "[0.1,null]", "$.epochs[0]: ")]
    [DataRow("[0.1,0.2]", "[0.1,\"NaN\"]", "$.epochs[0].learningRates must be in [0, ∞). Received: NaN")]
    [DataRow("[0.1,0.2]", "[-0.1,0.2]", "$.epochs[0].learningRates must be in [0, ∞). Received: -0.1")]
    [DataRow("[]", "[0.1]", "$.epochs[0].batchLearningRates must hold 2 a minibatch. Received: 1 value")]
    [DataRow("[]", "[0.1,1e999]", "$.epochs[0].batchLearningRates must be in [0, ∞). Received: ")]
    [DataRow("[]", "null", "$.epochs[0]: ")]
    [DataRow("{\"logLoss\":0.5}", "{\"logLoss\":0.5,\"logLoss\":0.5}", "$.epochs[0]: ")]
    [DataRow("{\"logLoss\":0.5}", "{\"logLoss\":0.5,\"LogLoss\":0.5}", "$.epochs[0]: ")]
    [DataRow("{\"logLoss\":0.5}", "{\"77\":0.5}", "$.epochs[0]")]
    [DataRow("00:00:01", "-00:00:01", "$.epochs[0].duration must be at least 0. Received: -00:00:01")]
    [DataRow("\"version\":1", "\"\\ud800\":1,\"version\":1", "")]
    public void A_history_that_says_what_cannot_be_is_refused(string what, string instead, string message)
    {
        var json = Json();
        var changed = json.Replace(what, instead, StringComparison.Ordinal);
        Assert.AreNotEqual(json, changed);
        AssertRefused(changed, message);
    }

    [TestMethod]
    [DataRow("\"trainingLoss\":1", "\"trainingLoss\":\"NaN\"")]
    [DataRow("\"logLoss\":0.5", "\"logLoss\":\"Infinity\"")]
    [DataRow("\"logLoss\":0.5", "\"RSquared\":-1e308")]
    [DataRow("\"epoch\":1,", "\"epoch\":1,\"unknown\":{\"a\":[1]},")]
    [DataRow("\"version\":1", "\"version\":1,\"unknown\":[{},[2]]")]
    [DataRow("\"version\":1", "\"Version\" :\n1")]
    [DataRow("\"options\":{}", "\"options\":null")]
    [DataRow("\"trainer\":\"x\"", "\"trainer\":\"\\u003c\\ud83d\\ude42\"")]
    public void What_is_read_is_reported_and_written_again(string what, string instead)
    {
        var json = Json().Replace(what, instead, StringComparison.Ordinal);
        Assert.AreNotEqual(Json(), json);
        var history = TrainingHistory.FromJson(json);
        history.SaveReport(Path.Combine(_folder.FullName, "report.html"));
        Assert.AreEqual(history, TrainingHistory.FromJson(history.ToJson()));
        Assert.AreEqual(history, Load(Encoding.UTF8.GetBytes(json)));
        Assert.AreEqual(history, Load([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(json)]), "with a mark of UTF-8");
    }

    [TestMethod]
    public void Half_a_character_as_written_is_refused() =>
        AssertRefused<JsonException>("", () => TrainingHistory.FromJson(Json().Replace("\"x\"", "\"\ud800\"", StringComparison.Ordinal)));

    [TestMethod]
    public void Every_bit_of_a_history_in_a_model_counts()
    {
        var whole = History(epochs: 40);
        var file = Zip(Encoding.UTF8.GetBytes(whole.ToJson()));
        var (random, refused) = (new Random(3), 0);
        for (var i = 0; i < 360; i++)
        {
            var bytes = (byte[])file.Clone();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Assert.AreEqual(whole, TrainingHistory.Load(new MemoryStream(bytes)));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        // Of what a zip says of a file, its time for one, not all matters.
        Assert.IsGreaterThan(300, refused);
        var entry = Array.LastIndexOf(file, (byte)'P', file.Length - 23);
        // The checksum in the directory of the zip, where it stands in the 17th byte of the entry.
        file[entry + 16] ^= 1;
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => TrainingHistory.Load(new MemoryStream(file))).Message,
            "its checksum does not match");
    }

    [TestMethod]
    [DataRow("", " ", "")]
    [DataRow("{\"trainer\":\"", "x", "\"}")]
    [DataRow("{\"x\":[", "0,", "0]}")]
    [DataRow("{\"x\":[", "[],", "0]}")]
    [DataRow("{\"epochs\":[", Epoch + ",", "0]}")]
    [DataRow("{\"epochs\":[{\"batchLearningRates\":[", "0,", "0]}]}")]
    [DataRow("{\"options\":{\"a\":\"", "\\u0041", "\"}}")]
    [DataRow("{\"schedule\":\"MultiStepLR([", "0,", "0])\",\"trainer\":3}")]
    public void A_few_bytes_that_stand_for_many_take_no_memory(string start, string repeated, string end)
    {
        const int Length = 20 << 20;
        var file = Zip(start, repeated, Length / repeated.Length, end);
        Assert.IsLessThan(2 << 20, file.Length);
        var (clock, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
        Assert.ThrowsExactly<InvalidDataException>(() => TrainingHistory.Load(new MemoryStream(file)));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        // A buffer that doubles, and texts of it.
        Assert.IsLessThan(8L * Length, allocated);
        Assert.IsTrue(clock.Elapsed < TimeSpan.FromMinutes(2), $"{clock.Elapsed}");
    }

    [TestMethod]
    public void A_long_history_is_written_and_read_a_piece_at_a_time()
    {
        const int Epochs = 5000;
        var history = History(Epochs);
        var (pieces, written) = (0, 0L);
        var before = GC.GetAllocatedBytesForCurrentThread();
        HistoryWriter.Write(history, piece => (pieces, written) = (pieces + 1, Math.Max(written, piece.Length)));
        Assert.IsLessThan(100_000, written, "the longest piece");
        Assert.IsGreaterThan(10, pieces);
        var file = Zip(Encoding.UTF8.GetBytes(history.ToJson()));
        before = GC.GetAllocatedBytesForCurrentThread();
        var read = TrainingHistory.Load(new MemoryStream(file));
        // An epoch with its lists and its metrics; a copy of the text alone were 400 bytes more, and there were four.
        var perEpoch = (GC.GetAllocatedBytesForCurrentThread() - before) / Epochs;
        Assert.AreEqual(history, read);
        Assert.IsLessThan(2500, perEpoch);
    }

    [TestMethod]
    public void Rates_of_minibatches_that_are_too_many_are_left_out()
    {
        var one = History(1);
        var rates = new double[HistoryWriter.MostBatchRates + 2];
        var history = one with { Epochs = [one.Epochs[0] with { BatchLearningRates = new(rates) }] };
        Assert.AreEqual(one, TrainingHistory.FromJson(history.ToJson()));
    }

    [TestMethod]
    [DataRow(10)]
    [DataRow(11)]
    [DataRow(18)]
    [DataRow(19)]
    [DataRow(1000)]
    public void Epochs_that_are_too_many_are_thinned(int count)
    {
        var epochs = History(count).Epochs;
        int[] kept = [.. HistoryWriter.Thinned(epochs, bestEpoch: 6, most: 10).Select(epoch => epoch.Epoch)];
        Assert.IsLessThanOrEqualTo(10, kept.Length);
        Assert.IsGreaterThan(count > 18 ? 7 : 5, kept.Length);
        CollectionAssert.IsSubsetOf(new[] { 1, 6, count }, kept);
    }

    [TestMethod]
    public void A_loaded_history_keeps_a_schedule_whose_text_is_long()
    {
        var schedule = LrSchedule.MultiStepLR([.. Enumerable.Range(1_000_000_000, 100_000)]);
        var history = History(1) with { Schedule = schedule, ScheduleText = schedule.ToString() };
        Assert.IsGreaterThan(1_000_000, history.ScheduleText.Length);
        Assert.AreEqual(schedule, TrainingHistory.FromJson(history.ToJson()).Schedule);
    }

    [TestMethod]
    public void A_path_that_is_none_is_an_error_that_says_so()
    {
        foreach (var (path, received) in new[] { ("", "an empty one"), (" ", "an empty one"), ("a\0b", "one with a character NUL") })
        {
            var message = $"must be a path. Received: {received}";
            StringAssert.StartsWith(
                Assert.ThrowsExactly<ArgumentException>(() => TrainingHistory.Load(path)).Message, $"path {message}");
            StringAssert.StartsWith(
                Assert.ThrowsExactly<ArgumentException>(() => History(1).SaveReport(path)).Message, $"path {message}");
            StringAssert.StartsWith(
                Assert.ThrowsExactly<ArgumentException>(() => new Checkpoints { Folder = path }).Message, $"folder {message}");
        }

        var folder = _folder.FullName;
        Assert.AreEqual($"{folder} is a folder.", Assert.ThrowsExactly<IOException>(() => TrainingHistory.Load(folder)).Message);
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => History(1).SaveReport(folder)).Message, folder);
        var none = Path.Combine(folder, "none.zip");
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => TrainingHistory.Load(none)).Message, none);
        if (!OperatingSystem.IsLinux()) return;
        var pipe = Path.Combine(folder, "pipe");
        using (var made = Process.Start("mkfifo", pipe)) made.WaitForExit();
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => TrainingHistory.Load(pipe)).Message, pipe);
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => History(1).SaveReport(pipe)).Message, pipe);
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => Fit(pipe)).Message, pipe);
    }

    [TestMethod]
    public void A_file_that_is_no_model_is_named()
    {
        var file = Path.Combine(_folder.FullName, "model.zip");
        foreach (var text in new[] { "", "no model" })
        {
            File.WriteAllText(file, text);
            StringAssert.StartsWith(
                Assert.ThrowsExactly<InvalidDataException>(() => TrainingHistory.Load(file)).Message, $"{file} is not a model file: ");
        }

        File.WriteAllBytes(file, Zip(stream => stream.Write("{}"u8)));
        StringAssert.StartsWith(Assert.ThrowsExactly<InvalidDataException>(() => TrainingHistory.Load(file)).Message, $"{file}: ");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidDataException>(() => TrainingHistory.Load(new MemoryStream([1, 2, 3]))).Message,
            "The stream is not a model file: ");
        if (!OperatingSystem.IsLinux()) return;
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => TrainingHistory.Load("/proc/self/mem")).Message, "/proc/self/mem");
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => TrainingHistory.Load("/dev/zero")).Message, "not a regular file");
    }

    private static void Fit(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            NumberOfEpochs = 1,
            Seed = 1,
            Checkpoints = new Checkpoints { Folder = folder },
        }).Fit(Trainers.TaskCase.Rows(mlContext, 20));
    }

    private static void AssertRefused(string json, string message)
    {
        AssertRefused<JsonException>(message, () => TrainingHistory.FromJson(json));
        AssertRefused<InvalidDataException>(message, () => Load(Encoding.UTF8.GetBytes(json)));
    }

    private static void AssertRefused<TException>(string message, Func<object> read) where TException : Exception =>
        StringAssert.Contains(Assert.ThrowsExactly<TException>(read).Message, message);

    private static string Json() => $$"""
        {"version":1,"trainer":"x","options":{},"schedule":null,"stopReason":"completed","bestEpoch":1,"epochs":[{{Epoch}}],
        "trainingRowCount":3,"validationRowCount":0}
        """;

    private static TrainingHistory History(int epochs) => new()
    {
        Epochs =
        [
            .. Enumerable.Range(1, epochs).Select(epoch => new EpochRecord
            {
                Epoch = epoch,
                LearningRates = [0.1 / epoch, 0.2],
                BatchLearningRates = [],
                TrainingLoss = Math.Exp(-epoch),
                ValidationMetrics = ImmutableSortedDictionary<Metric, double>.Empty.Add(Metric.ValidationLoss, Math.Sqrt(epoch))
                    .Add(Metric.LogLoss, Math.Log(epoch)),
                Duration = TimeSpan.FromTicks(12_345 + epoch),
            }),
        ],
        StopReason = StopReason.Completed,
        Trainer = "x",
    };

    private static TrainingHistory Load(byte[] json) => TrainingHistory.Load(new MemoryStream(Zip(json)));

    private static byte[] Zip(byte[] json) => Zip(stream => stream.Write(json));

    private static byte[] Zip(string start, string repeated, int count, string end) => Zip(stream =>
    {
        const int Together = 5000;
        stream.Write(Encoding.UTF8.GetBytes(start));
        var many = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(repeated, Together)));
        for (var i = 0; i < count / Together; i++) stream.Write(many);
        stream.Write(Encoding.UTF8.GetBytes(end));
    });

    private static byte[] Zip(Action<Stream> write)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry(
                $"TransformerChain/Transform_000/{TrainingHistory.EntryName}", CompressionLevel.Fastest).Open();
            write(entry);
        }

        return file.ToArray();
    }
}
