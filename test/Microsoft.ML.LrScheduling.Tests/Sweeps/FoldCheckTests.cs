using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

/// <summary>Folds that cannot be: they are refused before the first step, and what was trained is never lost to one.</summary>
[TestClass]
public sealed class FoldCheckTests : JournaledTests
{
    [TestMethod]
    public void Groups_that_leave_a_fold_without_rows_are_refused_before_training()
    {
        var rows = Rows(40, i => $"group {i % 4}");
        var refused = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var reports = 0;
            var options = new SweepOptions
            {
                NumberOfFolds = 3,
                SamplingKeyColumnName = "S",
                Seed = seed,
                Progress = new SweepTests.Counter(() => reports++),
            };
            // The folds of ML.NET, which are those of CrossValidate.
            var isEmpty = new MLContext(seed).Data.CrossValidationSplit(rows, 3, "S", seed)
                .Any(fold => fold.TestSet.Preview(1).RowView.IsEmpty);
            if (!isEmpty)
            {
                Assert.HasCount(3, Sweep(rows, options).Best.FoldScores);
                continue;
            }

            refused++;
            var message = Assert.ThrowsExactly<InvalidOperationException>(() => Sweep(rows, options)).Message;
            StringAssert.StartsWith(message, "NumberOfFolds must leave each fold a row. Received: 3");
            StringAssert.Contains(message, "SamplingKeyColumnName \"S\"");
            StringAssert.Contains(message, $"another Seed than {seed}, or fewer folds");
            Assert.AreEqual(0, reports);
        }

        // Four groups fall into two of three folds, or one, by 3 · (2⁴ − 2) / 3⁴ + 3 / 3⁴ = 56 % of seeds, were they drawn at random.
        Assert.IsTrue(refused is > 0 and < 20, $"{refused} of 20");
    }

    [TestMethod]
    public void Folds_that_no_seed_makes_are_refused_before_training()
    {
        Refused(new SweepOptions { NumberOfFolds = 2, SamplingKeyColumnName = "S" }, Rows(40, _ => "all"),
            "SamplingKeyColumnName must be a column with several values. Received: \"S\", by which all rows are in one fold of 2.");
        Refused(new SweepOptions { NumberOfFolds = 100 }, Rows(40, _ => ""), "NumberOfFolds must leave each fold a row. Received: 100");
        Refused(new SweepOptions { NumberOfFolds = 2, SamplingKeyColumnName = "T" }, Rows(40, _ => ""),
            "SamplingKeyColumnName must be a column of the training rows. Received: \"T\". Their columns are Number, Features, S");
        Refused(new SweepOptions { NumberOfFolds = 2, SamplingKeyColumnName = "Features" }, Rows(40, _ => ""),
            "SamplingKeyColumnName must be a column of the training rows");
    }

    [TestMethod]
    public void A_fold_whose_rows_are_all_left_out_takes_scores_and_not_the_study()
    {
        // A fold of rows without labels, of which their key does not tell.
        var split = new MLContext(0).Data.CrossValidationSplit(Rows(40, i => $"{i}"), 2, "S", 0);
        HashSet<string> first = [.. split[0].TestSet.GetColumn<string>("S")];
        var rows = Rows(40, i => $"{i}", key => first.Contains(key) ? float.NaN : 1);
        var study = Sweep(rows, new SweepOptions { NumberOfFolds = 2, SamplingKeyColumnName = "S", Journal = Journal });
        Assert.IsNull(study.Trials[0].Score);
        StringAssert.StartsWith(study.Trials[0].Failure, "In fold 1: There must be at least one fold-1 test row. Received: 0");
        Assert.HasCount(2, study.Trials[0].History.Epochs);
        Assert.AreEqual(study.Trials[0].Failure, Study.Load(Journal).Trials[0].Failure);
    }

    private void Refused(SweepOptions options, IDataView rows, string message)
    {
        var reports = 0;
        var refused = Assert.ThrowsExactly<InvalidOperationException>(() => Sweep(rows, new SweepOptions
        {
            NumberOfFolds = options.NumberOfFolds,
            SamplingKeyColumnName = options.SamplingKeyColumnName,
            Progress = new SweepTests.Counter(() => reports++),
        }));
        StringAssert.StartsWith(refused.Message, message);
        Assert.AreEqual(0, reports);
    }

    private Study<TorchLinearRegressionTrainer.Options> Sweep(IDataView rows, SweepOptions options) =>
        _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Trials([new TorchLinearRegressionTrainer.Options
            {
                LabelColumnName = "Number",
                LearningRate = 0.01,
                NumberOfEpochs = 2,
            }]), rows, options);

    private IDataView Rows(int count, Func<int, string> key, Func<string, float>? factor = null) => _mlContext.Data.LoadFromEnumerable(
        Enumerable.Range(0, count).Select(i => new Row
        {
            Number = i % 5 * (factor?.Invoke(key(i)) ?? 1),
            Features = [i % 5, i % 3],
            S = key(i),
        }).ToArray());

    private sealed class Row
    {
        public float Number { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public string S { get; set; } = "";
    }
}
