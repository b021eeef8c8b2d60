using System.Globalization;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

/// <summary>
/// A training that was interrupted, with the two checkpoints that it left, which goes on with another in place of the newest one.
/// </summary>
internal sealed class InterruptedTraining
{
    private readonly MLContext _mlContext;
    private readonly IDataView _rows;
    private readonly List<string> _log = [];
    private readonly float[] _uninterrupted;
    private readonly (string Name, byte[] Bytes) _before;
    private readonly string _newestName;

    public InterruptedTraining(MLContext mlContext, IDataView rows)
    {
        (_mlContext, _rows) = (mlContext, rows);
        mlContext.Log += (_, told) => _log.Add(told.Message);
        var folder = Directory.CreateTempSubdirectory("lrscheduling-fuzz-");
        try
        {
            using var source = new CancellationTokenSource();
            Assert.ThrowsExactly<OperationCanceledException>(() => Fit(folder.FullName, new Progress(source), source.Token));
            string[] files = [.. Directory.GetFiles(folder.FullName, "*.lrscheckpoint").Order(StringComparer.Ordinal)];
            Assert.HasCount(2, files);
            _before = (Path.GetFileName(files[0]), File.ReadAllBytes(files[0]));
            (_newestName, Newest) = (Path.GetFileName(files[1]), File.ReadAllBytes(files[1]));
            _uninterrupted = Fit(folder: null);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The newest checkpoint.</summary>
    public byte[] Newest { get; }

    /// <summary>
    /// Goes on from a checkpoint; where its length is odd the one before it is there too, with which training goes on where this one is
    /// refused.
    /// </summary>
    /// <exception cref="InvalidDataException">The checkpoint is refused, and what then becomes of training is as documented.</exception>
    public Action GoOn(byte[] bytes, string folder)
    {
        var name = NameOf(bytes);
        var hasBefore = bytes.Length % 2 == 1 && string.CompareOrdinal(_before.Name, name) < 0;
        if (hasBefore) File.WriteAllBytes(Path.Combine(folder, _before.Name), _before.Bytes);
        var file = Path.Combine(folder, name);
        File.WriteAllBytes(file, bytes);
        _log.Clear();
        float[] weights;
        try
        {
            weights = Fit(folder);
        }
        catch (TrainingDivergedException)
        {
            return () => { };
        }
        catch (InvalidOperationException e)
            when (e is not ScheduleException && e.Message.Contains("checkpoints in '", StringComparison.Ordinal))
        {
            Assert.IsTrue(File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes), "it was changed");
            throw new InvalidDataException(e.Message, e);
        }
        catch (InvalidDataException)
        {
            Assert.IsFalse(hasBefore, "the one before it was not tried");
            Assert.IsTrue(File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes), "it was changed");
            throw;
        }

        if (_log.Find(line => line.Contains("cannot be used", StringComparison.Ordinal)) is { } refusal)
        {
            Assert.IsTrue(hasBefore, "it was refused, and training begun anew without a word");
            CollectionAssert.AreEqual(_uninterrupted, weights, "the one before it leads elsewhere");
            throw new InvalidDataException(refusal);
        }

        return () => CollectionAssert.AreEqual(weights, Fit(folder), "its end, read again, is another model");
    }

    // That of what it says, since a checkpoint of another name is refused at once.
    private string NameOf(byte[] bytes)
    {
        try
        {
            var state = CheckpointFile.Read(bytes);
            return string.Create(CultureInfo.InvariantCulture, $"{state.Epoch:D8}-{state.Step:D10}.lrscheckpoint");
        }
        catch (InvalidDataException)
        {
            return _newestName;
        }
    }

    private float[] Fit(string? folder, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        var model = _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            NumberOfEpochs = 5,
            LearningRate = 0.05,
            BatchSize = 8,
            Seed = 1,
            ValidationFraction = 0.25,
            Optimizer = Optimizer.Adam(amsGrad: true),
            LearningRateSchedule = LrSchedule.ReduceLROnPlateau(patience: 1).WithWarmup(2),
            BiasLearningRateSchedule = LrSchedule.ExponentialLR(0.9) with { Interval = ScheduleInterval.Batch },
            EarlyStopping = new EarlyStopping { Patience = 4 },
            Checkpoints = folder is null ? null : new Checkpoints { Folder = folder },
            Progress = progress,
            CancellationToken = cancellation,
        }).Fit(_rows);
        return [.. model.Model.Weights, model.Model.Bias];
    }

    private sealed class Progress(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Epoch.Epoch == 3) source.Cancel();
        }
    }
}
