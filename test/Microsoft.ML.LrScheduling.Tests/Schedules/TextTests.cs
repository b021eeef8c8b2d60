using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.ML.LrScheduling.Schedules;
using static Microsoft.ML.LrScheduling.Schedules.LrSchedule;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

[TestClass]
public sealed class TextTests
{
    [TestMethod]
    public void Errors_are_the_same_in_every_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            foreach (var name in new[] { "de-DE", "ar-SA" })
            {
                CultureInfo.CurrentCulture = new CultureInfo(name);
                foreach (var text in new[] { "StepLR(3, 1e999)", "LambdaLR('1e999')" })
                    StringAssert.EndsWith(
                        Assert.ThrowsExactly<FormatException>(() => LrSchedule.Parse(text)).Message, "number, 1.7976931348623157E+308");
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [TestMethod]
    public void Every_kind_prints_what_reads_as_equal()
    {
        foreach (var schedule in SampleSchedules.All) Assert.AreEqual(schedule, Parse(schedule.ToString()), schedule.ToString());
    }

    [TestMethod]
    public void It_prints_as_it_would_be_called()
    {
        Assert.AreEqual("StepLR(stepSize: 30)", StepLR(30).ToString());
        Assert.AreEqual(
            "SequentialLR([LinearLR(startFactor: 0.01, totalIters: 5), CosineAnnealingLR(tMax: 95)], milestones: [5])",
            SequentialLR([LinearLR(startFactor: 0.01, totalIters: 5), CosineAnnealingLR(tMax: 95)], milestones: [5]).ToString());
        Assert.AreEqual(
            "ChainedScheduler([StepLR(stepSize: 3, gamma: 0.5, interval: batch), LambdaLR(lrLambda: \"0.95 ** epoch\")])",
            ChainedScheduler([StepLR(3, 0.5) with { Interval = ScheduleInterval.Batch }, LambdaLR("0.95**epoch")]).ToString());
        Assert.AreEqual(
            "CyclicLR(baseLr: 0.01, maxLr: [0.1, 0.2], mode: expRange, cycleMomentum: false)",
            CyclicLR(0.01, [0.1, 0.2], mode: CyclicMode.ExpRange, cycleMomentum: false).ToString());
        Assert.AreEqual("ReduceLROnPlateau()", ReduceLROnPlateau().ToString());
        Assert.AreEqual("LambdaLR(lrLambda: delegate)", LambdaLR(epoch => 0.5).ToString());
    }

    [TestMethod]
    public void It_is_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.AreEqual("ExponentialLR(gamma: 0.5)", ExponentialLR(0.5).ToString());
            Assert.AreEqual(ExponentialLR(0.5), Parse("ExponentialLR(gamma: 0.5)"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void What_people_write_is_read()
    {
        Assert.AreEqual(LambdaLR("0.95 ** epoch"), Parse(" LambdaLR ( lrLambda:'0.95**epoch' ) "));
        Assert.AreEqual(SequentialLR([StepLR(3), LinearLR()], [5]),
            Parse("SequentialLR(milestones: [5],\n  schedules: [StepLR(stepSize: 3), LinearLR()])"));
        Assert.AreEqual(StepLR(3, 0.25), Parse("StepLR(gamma: +.25, stepSize: 3)"));
        Assert.AreEqual(CyclicLR(0.1, 0.2, mode: CyclicMode.ExpRange),
            Parse("CyclicLR(baseLr: 0.1, maxLr: 2e-1, mode: exp_range, stepSizeDown: null)"));
    }

    [TestMethod]
    public void A_kind_that_needs_no_value_goes_without_parentheses()
    {
        Assert.AreEqual(ConstantLR(), Parse("ConstantLR"));
        Assert.AreEqual(ReduceLROnPlateau(), Parse(" ReduceLROnPlateau "));
        Assert.AreEqual(ChainedScheduler([ConstantLR(), StepLR(3)]), Parse("ChainedScheduler([ConstantLR, StepLR(3)])"));
        Assert.AreEqual(FloorLR(LinearLR(), 0.1), Parse("FloorLR(LinearLR, 0.1)"));
    }

    [TestMethod]
    public void Values_without_names_are_taken_in_the_order_of_the_factory()
    {
        Assert.AreEqual(StepLR(30), Parse("StepLR(30)"));
        Assert.AreEqual(StepLR(30, 0.5), Parse("StepLR(30, 0.5)"));
        Assert.AreEqual(StepLR(30, 0.5), Parse("StepLR(30, gamma: 0.5)"));
        Assert.AreEqual(MultiStepLR([30, 80]), Parse("MultiStepLR([30, 80])"));
        Assert.AreEqual(LambdaLR("0.95 ** epoch"), Parse("LambdaLR('0.95 ** epoch')"));
        Assert.AreEqual(LambdaLR("0.95 ** epoch", "1"), Parse("LambdaLR('0.95 ** epoch', '1')"));
        Assert.AreEqual(LambdaLR("0.95 ** epoch", "1"), Parse("LambdaLR(['0.95 ** epoch', '1'])"));
        Assert.AreEqual(SequentialLR([StepLR(3), LinearLR()], [5]), Parse("SequentialLR([StepLR(3), LinearLR()], [5])"));
        // Not the order of the properties: what the run leaves comes after what is given.
        Assert.AreEqual(WarmupStableDecayLR(5, 10, 20), Parse("WarmupStableDecayLR(5, 10, 20)"));
        Assert.AreEqual(
            PiecewiseLR([0, 5], [1, 0.5], Interpolation.Linear), Parse("PiecewiseLR([0, 5], [1, 0.5], linear)"));
        Assert.AreEqual(
            OneCycleLR(0.1, null, 0.4, AnnealStrategy.Linear, false), Parse("OneCycleLR(0.1, null, 0.4, linear, false)"));
        Assert.AreEqual(
            ReduceLROnPlateau(PlateauMode.Max, 0.5, 3, metric: Metric.RSquared), Parse("ReduceLROnPlateau(max, 0.5, 3, metric: rSquared)"));
    }

    [TestMethod]
    public void A_comma_without_a_space_separates_values()
    {
        Assert.AreEqual(StepLR(30, 0.1), Parse("StepLR(30,0.1)"));
        Assert.AreEqual(MultiStepLR([30, 80]), Parse("MultiStepLR([30,80])"));
        Assert.AreEqual(MultiStepLR([30, 80, 90], 0.1), Parse("MultiStepLR([30,80,90],0.1)"));
        Assert.AreEqual(CosineAnnealingWarmRestarts(10, 2), Parse("CosineAnnealingWarmRestarts(10,2)"));
        Assert.AreEqual(PiecewiseLR([0, 5], [1, 0]), Parse("PiecewiseLR([0,5],[1,0])"));
        Assert.AreEqual(CosineAnnealingLR(50, 0), Parse("CosineAnnealingLR(50,0)"));
        Assert.AreEqual(LambdaLR("min(0,9)"), Parse("LambdaLR('min(0,9)')"));
        Assert.AreEqual(ConstantLR(0, 5), Parse("ConstantLR(0, 5)"));
        Assert.AreEqual(ConstantLR(0, 5), Parse("ConstantLR(optimizer,0,5)"));
    }

    [TestMethod]
    [DataRow("", "column 1: unexpected end of input, expected a name")]
    [DataRow("StepLR", "column 1: StepLR needs stepSize")]
    [DataRow("Constant", "column 1: unknown schedule Constant. Did you mean ConstantLR? Expected one of ")]
    [DataRow("constant", "column 1: unknown schedule constant. Did you mean ConstantLR? Expected one of ")]
    [DataRow("StepLR(size=3)", "column 8: StepLR has no size. Did you mean stepSize? It has stepSize, gamma, startStep, interval")]
    [DataRow("StepLR(size: 3)", "column 8: StepLR has no size. Did you mean stepSize? It has stepSize, gamma, startStep, interval")]
    [DataRow("StepLR(qqqq=3)", "column 8: StepLR has no qqqq. It has stepSize, gamma, startStep, interval")]
    [DataRow("StepLR 3", "column 8: unexpected number `3`")]
    [DataRow("StepLR()", "column 1: StepLR needs stepSize")]
    [DataRow("StepLR(30, 0.1, 5)", "column 17: StepLR takes 2 values without a name, stepSize, gamma. Received: 3")]
    [DataRow("StepLR(gamma: 0.1, 30)", "column 20: values without a name must come before values with a name")]
    [DataRow("StepLR(30, stepSize: 30)", "column 12: stepSize must be given once. Received: twice")]
    [DataRow("StepLR(0)", "column 8: stepSize must be at least 1. Received: 0")]
    [DataRow("Constant(0.5)", "column 1: unknown schedule Constant. Did you mean ConstantLR? Expected one of ChainedScheduler, ")]
    [DataRow("Cosine(30)", "column 1: unknown schedule Cosine. Did you mean CosineAnnealingLR? Expected one of ")]
    [DataRow("cosine", "column 1: unknown schedule cosine. Did you mean CosineAnnealingLR? Expected one of ")]
    [DataRow("CosineDecay", "column 1: unknown schedule CosineDecay. Did you mean CosineDecayLR? Expected one of ")]
    [DataRow("steplr(30)", "column 1: unknown schedule steplr. Did you mean StepLR? Expected one of ")]
    [DataRow("CosineAnnealing(30)", "column 1: unknown schedule CosineAnnealing. Did you mean CosineAnnealingLR? Expected one of ")]
    [DataRow("ReduceLrOnPlateu()", "column 1: unknown schedule ReduceLrOnPlateu. Did you mean ReduceLROnPlateau? Expected one of ")]
    [DataRow("Zyxw(3)", "column 1: unknown schedule Zyxw. Expected one of ChainedScheduler, ")]
    [DataRow("StepLR(stepSize:)", "column 17: unexpected `)`, expected a number, ")]
    [DataRow("StepLR(stepSize: 0)", "column 8: stepSize must be at least 1. Received: 0")]
    [DataRow("StepLR(stepSize: 3, stepSize: 3)", "column 21: stepSize must be given once. Received: twice")]
    [DataRow("StepLR(stepSize: 3, gama: 0.5)",
        "column 21: StepLR has no gama. Did you mean gamma? It has stepSize, gamma, startStep, interval")]
    [DataRow("StepLR(stepSize: 3, gamma: 1e999)", "column 28: 1e999 is larger than the largest number, 1.7976931348623157E+308")]
    [DataRow("StepLR(stepSize: 3", "column 19: unexpected end of input, expected `)`")]
    [DataRow("StepLR(stepSize: 3) x", "column 21: unexpected word `x`")]
    [DataRow("StepLR(stepSize: §)", "column 18: unexpected `§`")]
    [DataRow("StepLR(type: ConstantLR)", "column 8: type must be given once. Received: twice")]
    [DataRow(
        "StapLR(stepSize: 3)", "column 1: unknown schedule StapLR. Did you mean StepLR? Expected one of ChainedScheduler, ConstantLR, ")]
    [DataRow("ReduceLROnPlateau(mode: most)", "column 19: mode must be one of min, max")]
    [DataRow("LambdaLR(lrLambda: '2 * * 3')", "column 10: lrLambda: column 5: unexpected `*`, expected a number, a name or `(`")]
    [DataRow("LambdaLR(lrLambda: delegate)", "column 10: lrLambda: column 1: unknown name delegate, expected one of ")]
    [DataRow("SequentialLR([StepLR(stepSize: 3), StepLR(stepSize: 0)], milestones: [3])",
        "column 43: stepSize must be at least 1. Received: 0")]
    [DataRow(
        "SequentialLR([StepLR(stepSize: 3), StepLR(stepSize: 4 5)], milestones: [3])", "column 55: unexpected number `5`, expected `)`")]
    [DataRow("SequentialLR([3], milestones: [])", "column 15: expected a schedule. Received: 3")]
    [DataRow("1,5", "column 1: unexpected number `1`")]
    [DataRow("MultiStepLR(,)", "column 13: unexpected `,`")]
    [DataRow("MultiStepLR([30,,])", "column 17: unexpected `,`")]
    [DataRow("StepLR(stepSize:,)", "column 17: unexpected `,`")]
    [DataRow("StepLR(30,", "column 11: unexpected end of input")]
    [DataRow("StepLR(30 # , 0.5)", "column 19: unexpected end of input")]
    [DataRow("ExponentialLR(0,9)",
        "column 15: 0,9 is two values, 0 and 9. Write 0.9 with a point, or a space after the comma if two values are meant")]
    [DataRow("StepLR(30,0,1)", "column 11: 0,1 is two values, 0 and 1. Write 0.1")]
    [DataRow("StepLR(30, 0,05)", "column 12: 0,05 is two values, 0 and 05. Write 0.05")]
    [DataRow("StepLR(30,1,05)", "column 11: 1,05 is two values, 1 and 05. Write 1.05")]
    [DataRow("StepLR(30, gamma: 0,5)", "column 19: 0,5 is two values, 0 and 5. Write 0.5")]
    [DataRow("PolynomialLR(power: 1,5)", "column 21: 1,5 is two values, 1 and 5. Write 1.5")]
    [DataRow("SequentialLR([ConstantLR(0,5), StepLR(3)], [5])", "column 26: 0,5 is two values, 0 and 5. Write 0.5")]
    [DataRow("PiecewiseLR([0, 5], [1, 0,01])", "column 25: 0,01 is two values, 0 and 01. Write 0.01")]
    public void Errors_tell_the_column_and_what_was_expected(string text, string message)
    {
        StringAssert.StartsWith(Assert.ThrowsExactly<FormatException>(() => Parse(text)).Message, message);
        Assert.IsFalse(LrSchedule.TryParse(text, null, out _));
    }

    [TestMethod]
    public void Length_and_depth_are_bounded()
    {
        var deepest = SampleSchedules.Nested(levels: 31);
        Assert.AreEqual(deepest, Parse(deepest.ToString()));
        Assert.ThrowsExactly<FormatException>(() => Parse($"ChainedScheduler([{deepest}])"));
        StringAssert.StartsWith(Assert.ThrowsExactly<FormatException>(() => Parse(new string('[', 900_000))).Message, "column 65: ");
        StringAssert.StartsWith(Assert.ThrowsExactly<FormatException>(() => Parse(new string(' ', 1_000_001))).Message, "column 1: ");
    }

    [TestMethod]
    [Timeout(300_000)]
    public void Mutated_text_is_read_or_refused_with_a_column()
    {
        var random = new Random(5);
        var read = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var sample = SampleSchedules.All[random.Next(SampleSchedules.All.Length)].ToString();
            var text = SampleSchedules.Mutate(sample, "0123456789.eE+-[]():,\"' LR\u00b2\ud800\0", random);
            try
            {
                var schedule = Parse(text);
                Assert.AreEqual(schedule, Parse(schedule.ToString()), text);
                read++;
            }
            catch (FormatException e)
            {
                StringAssert.StartsWith(e.Message, "column ", text);
            }
        }

        Assert.IsTrue(read > 500, $"Only {read} were read.");
    }

    [TestMethod]
    public void A_configuration_binds_it()
    {
        var settings = """{ "Training": { "Schedule": "StepLR(stepSize: 30)", "Epochs": 90 } }""";
        var configuration = new ConfigurationBuilder()
            .AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(settings))).Build();
        var options = configuration.GetSection("Training").Get<TrainingSettings>()!;
        Assert.AreEqual(StepLR(30), options.Schedule);
        Assert.AreEqual(90, options.Epochs);
    }

    [TestMethod]
    public void A_type_converter_turns_text_into_schedules_and_back()
    {
        var converter = TypeDescriptor.GetConverter(typeof(LrSchedule));
        Assert.AreEqual(StepLR(30), converter.ConvertFromInvariantString("StepLR(stepSize: 30)"));
        Assert.AreEqual("StepLR(stepSize: 30)", converter.ConvertToInvariantString(StepLR(30)));
    }

    private sealed record TrainingSettings
    {
        public LrSchedule? Schedule { get; init; }

        public int Epochs { get; init; }
    }
}
