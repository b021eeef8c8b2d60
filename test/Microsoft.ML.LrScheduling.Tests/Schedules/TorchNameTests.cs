using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;
using static Microsoft.ML.LrScheduling.Schedules.LrSchedule;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>Schedules as PyTorch's users write them. Values in its names go through the golden and the differential tests too.</summary>
[TestClass]
public sealed class TorchNameTests
{
    [TestMethod]
    public void Names_and_signs_of_PyTorch_are_read()
    {
        AssertReads(StepLR(30, 0.5), "StepLR(step_size=30, gamma=0.5)", """{"type":"StepLR","step_size":30,"gamma":0.5}""");
        AssertReads(StepLR(30), "StepLR(step_size: 30, verbose=False)", """{"type":"StepLR","step_size":30,"verbose":false}""");
        AssertReads(
            CosineAnnealingLR(95, 1e-4), "CosineAnnealingLR(T_max=95, eta_min=1e-4)",
            """{"type":"CosineAnnealingLR","T_max":95,"eta_min":1e-4}""");
        AssertReads(
            CosineAnnealingWarmRestarts(10, 2), "CosineAnnealingWarmRestarts(T_0=10, T_mult=2)",
            """{"type":"CosineAnnealingWarmRestarts","T_0":10,"T_mult":2}""");
        AssertReads(
            OneCycleLR(0.1, 1000, annealStrategy: AnnealStrategy.Linear, threePhase: true),
            "OneCycleLR(max_lr=0.1, epochs=10, steps_per_epoch=100, anneal_strategy='linear', three_phase=True)",
            """{"type":"OneCycleLR","max_lr":0.1,"epochs":10,"steps_per_epoch":100,"anneal_strategy":"linear","three_phase":true}""");
        AssertReads(
            SequentialLR([LinearLR(0.01, totalIters: 5), StepLR(3)], [5]),
            "SequentialLR(schedulers=[LinearLR(start_factor=0.01, total_iters=5), StepLR(3)], milestones=[5])",
            """
            {"type":"SequentialLR","schedulers":[{"type":"LinearLR","start_factor":0.01,"total_iters":5},{"type":"StepLR","step_size":3}],
             "milestones":[5]}
            """);
        AssertReads(LambdaLR("0.9 ** epoch"), "LambdaLR(lr_lambda='0.9 ** epoch')", """{"type":"LambdaLR","lr_lambda":"0.9 ** epoch"}""");
        AssertReads(
            WarmupStableDecayLR(5, 10, decayType: RampType.Linear), "WarmupStableDecayLR(5, 10, annealStrategy: linear)",
            """{"type":"WarmupStableDecayLR","warmup_steps":5,"decay_steps":10,"annealStrategy":"linear"}""");
    }

    [TestMethod]
    public void A_line_of_a_program_in_Python_is_read()
    {
        (LrSchedule Expected, string[] Texts)[] lines =
        [
            (StepLR(30), [
                "lr_scheduler.StepLR(optimizer, step_size=30)", "torch.optim.lr_scheduler.StepLR(optimizer, 30)",
                "optim.lr_scheduler.StepLR(self.optimizer, step_size=30, gamma=0.1, last_epoch=-1, verbose=\"deprecated\")",
                "StepLR(step_size=30, optimizer=optimizer, verbose=True)", "StepLR(opt, 30)", "StepLR(self._optim, 30)",
            ]),
            (ReduceLROnPlateau(PlateauMode.Min, patience: 5), ["ReduceLROnPlateau(optimizer, 'min', patience=5)"]),
            (SequentialLR([ConstantLR(), StepLR(3)], [5]), [
                "lr_scheduler.SequentialLR(optimizer, schedulers=[lr_scheduler.ConstantLR(optimizer), lr_scheduler.StepLR(optimizer, 3)], "
                    + "milestones=[5])",
                "SequentialLR(optimizer, [lr_scheduler.ConstantLR, StepLR(optimizer, 3)], [5])",
            ]),
            (LambdaLR("0.95 ** epoch"), ["LambdaLR(optimizer, \"0.95 ** epoch\")"]),
            // What a program calls it is left out.
            (StepLR(30), [
                "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 30)", "self.scheduler = StepLR(self.optimizer, step_size=30)",
                "LrSchedule.StepLR(stepSize: 30)",
            ]),
            (ConstantLR(), ["scheduler = ConstantLR"]),
            // Commas after the last value, and comments.
            (MultiStepLR([30, 80]), [
                "scheduler = MultiStepLR(optimizer, milestones=[30, 80])  # as in the paper",
                "scheduler = MultiStepLR(  # (a comment, with signs]\n    optimizer,\n    milestones=[\n        30,\n        80,\n"
                    + "    ],\n)\n",
                "# The schedule\r\nMultiStepLR([30, 80,],)", "#\nMultiStepLR([30, 80])#",
            ]),
            (StepLR(30), ["scheduler = StepLR(\n    optimizer,\n    step_size=30,\n)"]),
            (LambdaLR("0.95 ** epoch"), ["LambdaLR(optimizer, '0.95 ** epoch', )"]),
            (SWALR(0.05, 5, AnnealStrategy.Linear), [
                "swa_scheduler = torch.optim.swa_utils.SWALR(optimizer, anneal_strategy=\"linear\", anneal_epochs=5, swa_lr=0.05)",
                "swa_utils.SWALR(optimizer, 0.05, 5, 'linear', -1)",
            ]),
            // Behind an optimizer the values are those of PyTorch's constructors, in their order.
            (StepLR(30, 0.5) with { StartStep = 10 }, ["StepLR(optimizer, 30, 0.5, 9)", "StepLR(optimizer, 30, 0.5, 9, False)"]),
            (ExponentialLR(0.9), ["ExponentialLR(optimizer, 0.9, -1)", "ExponentialLR(optimizer, 0.9)"]),
            (PolynomialLR(5, 2), ["PolynomialLR(optimizer, 5, 2.0, -1, False)"]),
            (LinearLR(0.5, 1, 4), ["LinearLR(optimizer, 0.5, 1.0, 4, -1)"]),
            (CosineAnnealingLR(50, 0.01), ["CosineAnnealingLR(optimizer, 50, 0.01, -1, True)"]),
            (LambdaLR("0.95 ** epoch"), ["LambdaLR(optimizer, \"0.95 ** epoch\", -1, False)"]),
            (ReduceLROnPlateau(PlateauMode.Max, 0.5, 3, 1e-3, ThresholdMode.Abs, 1, 1e-4, 1e-9),
                ["ReduceLROnPlateau(optimizer, 'max', 0.5, 3, 1e-3, 'abs', 1, 1e-4, 1e-9, True)"]),
            (OneCycleLR(0.1, 1000, pctStart: 0.2), [
                "OneCycleLR(optimizer, 0.1, 1000, None, None, 0.2)", "OneCycleLR(optimizer, 0.1, None, 10, 100, 0.2)",
                "OneCycleLR(optimizer=optimizer, max_lr=0.1, total_steps=None, epochs=10, steps_per_epoch=100, pct_start=0.2)",
            ]),
            (SequentialLR([ConstantLR(), StepLR(3)], [5]), [
                "SequentialLR(optimizer, [ConstantLR(optimizer), StepLR(optimizer, 3)], [5], -1)",
            ]),
        ];
        foreach (var (expected, texts) in lines)
            foreach (var text in texts) Assert.AreEqual(expected, Parse(text), text);
    }

    [TestMethod]
    public void What_is_read_is_written_in_our_names() =>
        Assert.AreEqual("StepLR(stepSize: 30, startStep: 10)", Parse("StepLR(step_size=30, last_epoch=9)").ToString());

    [TestMethod]
    public void The_last_epoch_is_the_one_before_the_start()
    {
        Assert.AreEqual(StepLR(30), Parse("StepLR(30, last_epoch=-1)"));
        Assert.AreEqual(StepLR(30) with { StartStep = 12 }, FromJson("""{"type":"StepLR","stepSize":30,"lastEpoch":11}"""));
        // PyTorch 1.13: StepLR(optimizer, 3, last_epoch=4) of a group with initial_lr 0.1 and lr 0.01 goes on 0.01, 0.001, 0.001, 0.001.
        Curve.AssertIs([0.01, 0.001, 0.001, 0.001, 0.0001], Curve.Of(Parse("StepLR(3, last_epoch=4)"), 0.1, 5));
    }

    [TestMethod]
    [DataRow("StepLR(step_size=30, stepSize=30)", "column 22: stepSize must be given once. Received: twice")]
    [DataRow("StepLR(3, last_epoch=-2)", "column 11: last_epoch must be a whole number, at least -1")]
    [DataRow("StepLR(3, last_epoch=2, startStep=3)", "column 1: startStep must be given once. Received: twice")]
    [DataRow("OneCycleLR(0.1, epochs=3)", "column 1: epochs and stepsPerEpoch must be given together")]
    [DataRow("OneCycleLR(0.1, epochs=3, steps_per_epoch=0)", "column 27: steps_per_epoch must be a whole number, at least 1")]
    [DataRow("OneCycleLR(0.1, 5, epochs=3, steps_per_epoch=3)", "column 1: totalSteps must be given once. Received: twice")]
    [DataRow("StepLR(3, epochs=3)", "column 11: StepLR has no epochs. It has stepSize, gamma, startStep, interval")]
    [DataRow("StepLR(3, verbose=3)", "column 11: StepLR has no verbose. It has stepSize, gamma, startStep, interval")]
    [DataRow("LambdaLR(lambda epoch: 0.95 ** epoch)",
        "column 10: expected an expression in quotes, without lambda epoch: Write \"0.95 ** epoch\"")]
    [DataRow("lr_scheduler.LambdaLR(optimizer, lr_lambda=lambda e: max(0.1, 1 - e), last_epoch=-1)",
        "column 44: expected an expression in quotes, without lambda e: Write \"max(0.1, 1 - e)\"")]
    [DataRow("LambdaLR('lambda epoch: 0.95 ** epoch')", "column 10: lrLambda: column 1: unknown name lambda, expected one of ")]
    [DataRow("OneCycleLR(optimizer, 0.1, epochs=10, steps_per_epoch=len(loader))",
        "column 39: steps_per_epoch must be a number. Leave it out, and the length follows from the training run")]
    [DataRow("sklearn.StepLR(3)", "column 1: unknown schedule sklearn.StepLR.")]
    [DataRow("StepLR(optimizer)", "column 1: StepLR needs stepSize")]
    [DataRow("StepLR(optimizer, 3, 0.5, -1, False, 2)",
        "column 38: StepLR takes 4 values without a name, step_size, gamma, last_epoch, verbose. Received: 5")]
    [DataRow("scheduler: StepLR(3)", "column 10: unexpected `:`")]
    [DataRow("StepLR(optimizer, None)", "column 1: StepLR needs stepSize")]
    [DataRow("scheduler = 3", "column 13: unexpected number `3`")]
    [DataRow("StepLR(step_siz=3)", "column 8: StepLR has no step_siz. Did you mean stepSize?")]
    public void Errors_name_the_column_and_what_is_known(string text, string message) =>
        StringAssert.StartsWith(Assert.ThrowsExactly<FormatException>(() => Parse(text)).Message, message);

    [TestMethod]
    public void An_interval_reaches_the_parts_that_tell_none()
    {
        var text = "SequentialLR([LinearLR(), StepLR(3, interval: epoch), ChainedScheduler([StepLR(5), ReduceLROnPlateau()])], [5, 9], "
            + "interval: batch)";
        var read = (SequentialLR)Parse(text);
        Assert.AreEqual(ScheduleInterval.Batch, read.Interval);
        CollectionAssert.AreEqual(
            new[] { ScheduleInterval.Batch, ScheduleInterval.Epoch, ScheduleInterval.Batch },
            read.Schedules.Select(part => part.Interval).ToArray());
        Assert.AreEqual(ScheduleInterval.Epoch, read.Schedules[2].Parts.Last().Interval);
        Assert.AreEqual(read, FromJson(read.ToJson()));
        Assert.AreEqual(
            "SequentialLR([LinearLR(totalIters: 5), StepLR(stepSize: 3, interval: epoch), ChainedScheduler([StepLR(stepSize: 5), "
            + "ReduceLROnPlateau()])], milestones: [5, 9], interval: batch)",
            read.ToString());

        // Those whose interval follows from their parts hand it on.
        Assert.AreEqual(
            ChainedScheduler([StepLR(3) with { Interval = ScheduleInterval.Batch }, LinearLR()]),
            Parse("ChainedScheduler([StepLR(3), LinearLR(interval: epoch)], interval: batch)"));
        Assert.AreEqual(
            (StepLR(3) with { Interval = ScheduleInterval.Batch }).WithFloor(0.1), Parse("FloorLR(StepLR(3), 0.1, interval: batch)"));
        Assert.AreEqual(
            OneCycleLR(0.1) with { Interval = ScheduleInterval.Epoch },
            ((SequentialLR)Parse("SequentialLR([OneCycleLR(0.1)], [], interval: epoch)")).Schedules[0]);
    }

    [TestMethod]
    public void WithInterval_reaches_all_parts()
    {
        var schedule = ChainedScheduler([StepLR(3), SequentialLR([LinearLR(), ReduceLROnPlateau()], [5]), StepLR(5).WithFloor(0.1)]);
        Assert.AreEqual(
            Parse("ChainedScheduler([StepLR(3), SequentialLR([LinearLR(), ReduceLROnPlateau()], [5]), FloorLR(StepLR(5), 0.1)], "
                + "interval: batch)"),
            schedule.WithInterval(ScheduleInterval.Batch));
        Assert.AreEqual(schedule, schedule.WithInterval(ScheduleInterval.Batch).WithInterval(ScheduleInterval.Epoch));
    }

    private static void AssertReads(LrSchedule expected, string text, string json)
    {
        Assert.AreEqual(expected, Parse(text), text);
        Assert.AreEqual(expected, FromJson(json), json);
        Assert.AreEqual(expected, JsonSerializer.Deserialize<LrSchedule>(json));
    }
}
