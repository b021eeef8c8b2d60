using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

/// <summary>Trials on sparse rows, which are what they are alone whatever trains beside them.</summary>
[TestClass]
public sealed class SparseSweepTests
{
    [TestMethod]
    public void A_trial_with_both_penalties_is_the_same_beside_one_with_a_momentum()
    {
        var mlContext = new MLContext(seed: 1);
        var random = new Random(2);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 200);
        var data = mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, 300).Select(_ =>
            {
                int[] slots = [.. Enumerable.Range(0, 4).Select(i => 50 * i + random.Next(50))];
                float[] values = [.. slots.Select(_ => random.NextSingle())];
                return new Row { Label = values[0] > values[1], Features = new VBuffer<float>(200, 4, values, slots) };
            }).ToArray(), schema);
        var alone = Weights(Penalised());
        var beside = Weights(Penalised(), Options(Optimizer.Sgd(momentum: 0.9)));
        for (var i = 0; i < alone.Length; i++) Assert.AreEqual(alone[i], beside[i], 1e-6);

        float[] Weights(params TorchLogisticRegressionTrainer.Options[] trials) =>
            [.. mlContext.BinaryClassification.Trainers.Sweep(SweepSpace.Trials(trials), data).Trials[0].Weights!.Weights];

        static TorchLogisticRegressionTrainer.Options Penalised()
        {
            var options = Options(Optimizer.Sgd());
            (options.L1Regularization, options.L2Regularization) = (0.03, 0.5);
            return options;
        }

        static TorchLogisticRegressionTrainer.Options Options(Optimizer optimizer) => new()
        {
            Optimizer = optimizer,
            Standardize = false,
            LearningRate = 0.3,
            LearningRateSchedule = LrSchedule.ConstantLR(factor: 1),
            NumberOfEpochs = 5,
            BatchSize = 1,
            Seed = 1,
        };
    }

    private sealed class Row
    {
        public bool Label { get; set; }

        public VBuffer<float> Features { get; set; }
    }
}
