using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

[TestClass]
public sealed class ScheduleFunctionTests
{
    private const string Python = "/usr/bin/python3";

    // The expected values are what Python's interpreter prints for x = 3.0.
    [TestMethod]
    [DataRow("0.95 ** epoch", 0.8573749999999999)]
    [DataRow("-2 ** 2", -4.0)]
    [DataRow("2 ** -1", 0.5)]
    [DataRow("2 ** 3 ** 2", 512.0)]
    [DataRow("2 ** -x ** 2", 0.001953125)]
    [DataRow("(2 ** x) ** 2", 64.0)]
    [DataRow("7 // 2", 3.0)]
    [DataRow("-7 // 2", -4.0)]
    [DataRow("7 // -2", -4.0)]
    [DataRow("-7 % 3", 2.0)]
    [DataRow("7 % -3", -2.0)]
    [DataRow("5.5 % 2", 1.5)]
    [DataRow("1 // 0.1", 9.0)]
    [DataRow("-1 // 0.1", -10.0)]
    [DataRow("1 // -0.1", -10.0)]
    [DataRow("-1 // -0.1", 9.0)]
    [DataRow("1 % 0.1", 0.09999999999999995)]
    [DataRow("10 - 4 - 3", 3.0)]
    [DataRow("100 / 10 / 5", 2.0)]
    [DataRow("2 + 3 * 4 % 5", 4.0)]
    [DataRow("-x * 2", -6.0)]
    [DataRow("--x - -x + +x", 9.0)]
    [DataRow("min(1, (x + 1) / 10)", 0.4)]
    [DataRow("max(x, 1, 7, 2)", 7.0)]
    [DataRow("0.5 * (1 + cos(pi * x / 10))", 0.7938926261462367)]
    [DataRow("exp(-0.1 * x)", 0.7408182206817179)]
    [DataRow("log(e) + sqrt(16) + abs(-1) + sin(0)", 6.0)]
    [DataRow("floor(-0.5) + ceil(0.5)", 0.0)]
    [DataRow("1.e2 + .5 + 1E-2", 100.51)]
    [DataRow("x < 3", 0.0)]
    [DataRow("x <= 3", 1.0)]
    [DataRow("x > 3", 0.0)]
    [DataRow("x >= 3", 1.0)]
    [DataRow("x == 1 + 2", 1.0)]
    [DataRow("x != 3", 0.0)]
    [DataRow("1 + (x > 2) * 4", 5.0)]
    [DataRow("tanh(1) + pow(2, 10)", 1024.7615941559557)]
    [DataRow("round(0.5) + round(1.5) * 10 + round(2.5) * 100", 220.0)]
    [DataRow("clip(x, 0, 1) + 10 * clip(x, 5, 9) + 100 * clip(x, 1, 4)", 351.0)]
    public void Expressions_mean_what_they_mean_in_Python(string expression, double expected) =>
        Assert.AreEqual(expected, ScheduleFunction.Parse(expression).Invoke(3), Math.Abs(expected) * 1e-15);

    [TestMethod]
    [DataRow("x < 3 ? 1 : 2", 2.0)]
    [DataRow("x == 3 ? 1 : 2", 1.0)]
    [DataRow("x < 1 ? 10 : x < 2 ? 20 : x < 4 ? 30 : 40", 30.0)]
    [DataRow("2 * (x > 2 ? 5 : 7) + 1", 11.0)]
    [DataRow("x ? (x - 3 ? 1 : 2) : 3", 2.0)]
    [DataRow("max(x > 5 ? 9 : 1, 0.5)", 1.0)]
    public void A_condition_chooses_one_of_two(string expression, double expected) =>
        Assert.AreEqual(expected, ScheduleFunction.Parse(expression).Invoke(3));

    [TestMethod]
    public void Where_Python_raises_an_error_the_value_is_infinite_or_NaN()
    {
        Assert.AreEqual(double.PositiveInfinity, ScheduleFunction.Parse("1 / 0").Invoke(0));
        Assert.AreEqual(double.PositiveInfinity, ScheduleFunction.Parse("1 // 0").Invoke(0));
        // A zero has the sign that Python gives it: of the divisor, and of the quotient.
        Assert.AreEqual(double.NegativeInfinity, ScheduleFunction.Parse("1 / (6 % -3)").Invoke(0));
        Assert.AreEqual(double.NegativeInfinity, ScheduleFunction.Parse("1 / (0 // -3)").Invoke(0));
        Assert.IsTrue(double.IsNaN(ScheduleFunction.Parse("1 % 0").Invoke(0)));
        Assert.IsTrue(double.IsNaN(ScheduleFunction.Parse("log(-1)").Invoke(0)));
        Assert.IsTrue(double.IsNaN(ScheduleFunction.Parse("min(1, log(-1))").Invoke(0)));
    }

    [TestMethod]
    [DataRow(" 0.95**epoch ", "0.95 ** epoch")]
    [DataRow("((x)+(1))*(2)", "(x + 1) * 2")]
    [DataRow("x-(x-1)", "x - (x - 1)")]
    [DataRow("(x-x)-1", "x - x - 1")]
    [DataRow("(-x)**2", "(-x) ** 2")]
    [DataRow("-(x**2)", "-x ** 2")]
    [DataRow("2**(-x)", "2 ** -x")]
    [DataRow("(2**x)**x", "(2 ** x) ** x")]
    [DataRow("2**(x**x)", "2 ** x ** x")]
    [DataRow("-(x*2)", "-(x * 2)")]
    [DataRow("+x", "x")]
    [DataRow("max( x,(1) ,2.50)", "max(x, 1, 2.5)")]
    [DataRow("(x<3)?(1):(x>5?2:3)", "x < 3 ? 1 : x > 5 ? 2 : 3")]
    [DataRow("(x?1:2)?(x?3:4):5", "(x ? 1 : 2) ? (x ? 3 : 4) : 5")]
    [DataRow("(x<3)<(2+1)", "(x < 3) < 2 + 1")]
    [DataRow("clip( x,1 ,pow(2,3))", "clip(x, 1, pow(2, 3))")]
    public void They_print_evenly_spaced_and_without_needless_parentheses(string expression, string printed)
    {
        var function = ScheduleFunction.Parse(expression);
        Assert.AreEqual(printed, function.ToString());
        Assert.AreEqual(function, ScheduleFunction.Parse(printed));
        Assert.AreEqual(function.Invoke(1.5), ScheduleFunction.Parse(printed).Invoke(1.5));
    }

    [TestMethod]
    [DataRow("", "column 1: unexpected end of input, expected a number, a name or `(`")]
    [DataRow("0.95 ** ", "column 9: unexpected end of input, expected a number, a name or `(`")]
    [DataRow("2 * * 3", "column 5: unexpected `*`, expected a number, a name or `(`")]
    [DataRow("3 x", "column 3: unexpected name `x`, expected an operator")]
    [DataRow("(1", "column 3: unexpected end of input, expected `)`")]
    [DataRow("x $ 2", "column 3: unexpected `$`, which an expression cannot have")]
    [DataRow("x\n + step", "column 6: unknown name step, expected one of e, epoch, epochs, initial, pi, steps, x "
        + "(in a CustomLR metric, rate, s0, s1 … too), or a function: the step is called epoch, or x, whatever the interval")]
    [DataRow("1 + tan(x)", "column 5: unknown function tan, expected one of abs, ceil, clip, cos, exp, floor, log, max, min, "
        + "pow, round, sin, sqrt, tanh. Did you mean tanh?")]
    [DataRow("2 * cos", "column 5: cos is a function: expected cos(…)")]
    [DataRow("log(1, 2)", "column 1: log takes one argument. Received: 2")]
    [DataRow("x - min(2)", "column 5: min takes two arguments or more. Received: 1")]
    [DataRow("1e999", "column 1: 1e999 is larger than the largest number, 1.7976931348623157E+308")]
    [DataRow("1 - epoc / 10", "column 5: unknown name epoc, expected one of e, epoch, epochs, initial, pi, steps, x "
        + "(in a CustomLR metric, rate, s0, s1 … too), or a function. Did you mean epoch?")]
    [DataRow("metrik < 1", "column 1: unknown name metrik, expected one of e, epoch, epochs, initial, pi, steps, x "
        + "(in a CustomLR metric, rate, s0, s1 … too), or a function. Did you mean metric?")]
    [DataRow("x ^ 2", "column 3: unexpected `^`, which an expression cannot have: write a power with **")]
    [DataRow("x = 2", "column 3: unexpected `=`, which an expression cannot have: compare two values with ==")]
    [DataRow("x > 1 && x < 3", "column 7: unexpected `&`, which an expression cannot have: write (a) * (b) for: a and b")]
    [DataRow("math.cos(x)", "column 5: unexpected `.`, which an expression cannot have: write functions without a module: "
        + "cos(x), not math.cos(x)")]
    [DataRow("lambda epoch: 0.95", "column 1: unknown name lambda, expected one of e, epoch, epochs, initial, pi, steps, x "
        + "(in a CustomLR metric, rate, s0, s1 … too), or a function: write only the expression, without lambda epoch:")]
    [DataRow("x > 1 ? 2", "column 10: unexpected end of input, expected `:`")]
    [DataRow("1 < x < 3", "column 7: unexpected comparison `<`, expected an operator: write (a < b) * (b < c) for a < b < c")]
    [DataRow("pow(2)", "column 1: pow takes two arguments. Received: 1")]
    [DataRow("clip(2, 3)", "column 1: clip takes three arguments. Received: 2")]
    [DataRow("__import__('os')", "column 12: unexpected `'`, which an expression cannot have")]
    public void Errors_tell_the_column_and_what_was_expected(string expression, string message)
    {
        Assert.AreEqual(message, Assert.ThrowsExactly<FormatException>(() => ScheduleFunction.Parse(expression)).Message);
        Assert.IsFalse(ScheduleFunction.TryParse(expression, null, out _));
    }

    [TestMethod]
    public void Length_and_depth_are_bounded()
    {
        Assert.AreEqual(3.0, ScheduleFunction.Parse(new string('(', 64) + "x" + new string(')', 64)).Invoke(3));
        StringAssert.StartsWith(Failure(new string('(', 65) + "x" + new string(')', 65)), "column 65: ");
        Assert.AreEqual(-3.0, ScheduleFunction.Parse(new string('-', 999) + "x").Invoke(3));
        StringAssert.StartsWith(Failure(new string('-', 1000) + "x"), "column 1001: ");
        Assert.AreEqual(750.0, ScheduleFunction.Parse(string.Join(" + ", Enumerable.Repeat("x", 250))).Invoke(3));
        // What would print longer than can be read is refused too.
        StringAssert.StartsWith(Failure(string.Join("+", Enumerable.Repeat("x", 500))), "column 1001: ");
        Assert.AreEqual(1.0, ScheduleFunction.Parse(string.Join("**", Enumerable.Repeat("1", 200))).Invoke(3));
    }

    [TestMethod]
    public void Equality_is_that_of_the_printed_expression_or_of_the_delegate()
    {
        ScheduleFunction expression = "0.95**epoch";
        Assert.AreEqual("0.95 ** epoch", expression);
        Assert.AreEqual(ScheduleFunction.Parse("(0.95) ** epoch").GetHashCode(), expression.GetHashCode());
        Assert.IsTrue(expression != ScheduleFunction.Parse("0.9 ** epoch"));

        Func<int, double> half = epoch => epoch / 2;
        Func<double, double> exactHalf = x => x / 2;
        ScheduleFunction first = half, second = exactHalf;
        Assert.AreEqual((ScheduleFunction)half, first);
        Assert.AreNotEqual(first, second);
        Assert.AreEqual(1.0, first.Invoke(3));
        Assert.AreEqual(1.5, second.Invoke(3));
        Assert.IsNull(first.Expression);
        Assert.AreEqual("delegate", first.ToString());
    }

    [TestMethod]
    public void Invoke_allocates_nothing()
    {
        var function = ScheduleFunction.Parse(
            "epoch < 500 ? max(0.1, 0.95 ** epoch * (1 + cos(pi * (epoch % 10) / 10)) // 0.5) : clip(epoch / 700, 0, 1)");
        var sum = function.Invoke(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var epoch = 0; epoch < 1000; epoch++) sum += function.Invoke(epoch);
        Assert.AreEqual(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.IsTrue(sum > 0);
    }

    [TestMethod]
    public void Expressions_go_through_JSON_and_delegates_do_not()
    {
        ScheduleFunction function = "0.95 ** epoch";
        Assert.AreEqual("\"0.95 ** epoch\"", JsonSerializer.Serialize(function));
        Assert.AreEqual(function, JsonSerializer.Deserialize<ScheduleFunction>("\"0.95**epoch\""));
        StringAssert.Contains(
            Assert.ThrowsExactly<JsonException>(() => JsonSerializer.Deserialize<ScheduleFunction>("\"0.95 **\"")).Message, "column 8");
        Assert.ThrowsExactly<JsonException>(() => JsonSerializer.Deserialize<ScheduleFunction>("3"));
        Assert.ThrowsExactly<NotSupportedException>(() => JsonSerializer.Serialize(ScheduleFunction.Of(epoch => epoch)));
    }

    [TestMethod]
    public void Random_expressions_print_what_reads_as_the_same_function()
    {
        var random = new Random(1);
        for (var i = 0; i < 5000; i++)
        {
            var function = ScheduleFunction.Parse(RandomExpression(random, depth: 4, conditions: true));
            var again = ScheduleFunction.Parse(function.ToString());
            Assert.AreEqual(function.ToString(), again.ToString());
            Assert.AreEqual(function.Invoke(2.5), again.Invoke(2.5));
        }
    }

    [TestMethod]
    [Timeout(300_000)]
    public void Mutated_expressions_are_read_or_refused_with_a_column()
    {
        var random = new Random(2);
        for (var i = 0; i < 10_000; i++)
        {
            var text = SampleSchedules.Mutate(
                RandomExpression(random, depth: 3, conditions: true),
                "0123456789.eE+-*/%(),<=>!?:xpi \t\n_\"'$\u00b2\u0663\u221e\ud800\0", random);
            try
            {
                var function = ScheduleFunction.Parse(text);
                Assert.AreEqual(function, ScheduleFunction.Parse(function.ToString()));
            }
            catch (FormatException e)
            {
                StringAssert.StartsWith(e.Message, "column ");
            }
        }
    }

    [TestMethod]
    public void Random_expressions_have_the_values_that_Python_gives_them()
    {
        if (!File.Exists(Python)) Assert.Inconclusive($"{Python} is not there to compare with.");
        var random = new Random(3);
        var cases = Enumerable.Range(0, 3000).Select(_ => RandomExpression(random, depth: 4)).ToArray();
        var compared = 0;
        foreach (var (expression, expected) in cases.Zip(ValuesInPython(cases)))
        {
            if (expected is null) continue;
            var actual = ScheduleFunction.Parse(expression).Invoke(7);
            Assert.AreEqual(expected.Value, actual, Math.Abs(expected.Value) * 1e-14, expression);
            compared++;
        }

        Assert.IsTrue(compared > 1500, $"Only {compared} expressions had a value in Python.");
    }

    private static string Failure(string expression) =>
        Assert.ThrowsExactly<FormatException>(() => ScheduleFunction.Parse(expression)).Message;

    /// <summary>Numbers have a point, so that they are floating-point ones in Python as well.</summary>
    private static string RandomExpression(Random random, int depth, bool conditions = false)
    {
        string Next() => RandomExpression(random, depth - 1, conditions);
        if (depth == 0 || random.Next(8) == 0)
            return random.Next(4) switch
            {
                0 => "x",
                1 => "epoch",
                2 => random.Next(10) == 0 ? "pi" : (random.Next(1, 41) / 4.0).ToString("0.0#", CultureInfo.InvariantCulture),
                _ => random.Next(12).ToString("0.0", CultureInfo.InvariantCulture),
            };
        return random.Next(14) switch
        {
            0 => $"-{Next()}",
            1 => $"({Next()})",
            2 => $"{Pick("exp", "log", "sqrt", "cos", "sin", "tanh", "round", "floor", "ceil", "abs")}({Next()})",
            3 => $"{Pick("min", "max", "pow")}({Next()}, {Next()})",
            4 => $"clip({Next()}, {Next()}, {Next()})",
            // Times a number that has a point, since Python has a type of their own for truths.
            5 => $"({Next()} {Pick("<", "<=", ">", ">=", "==", "!=")} {Next()}) * 1.0",
            6 when conditions => $"({Next()} ? {Next()} : {Next()})",
            _ => $"{Next()}{Pick(" + ", "-", " * ", "/", "//", " % ", "**")}{Next()}",
        };

        string Pick(params string[] words) => words[random.Next(words.Length)];
    }

    /// <summary>The values for x = 7.0; null where Python has an error or a complex number.</summary>
    private static double?[] ValuesInPython(string[] expressions)
    {
        const string Program = """
            import json, math, sys
            nan_or = lambda choose: lambda *v: math.nan if any(math.isnan(x) for x in v) else choose(v)
            names = dict(x=7.0, epoch=7.0, pi=math.pi, e=math.e, exp=math.exp, log=math.log, sqrt=math.sqrt, cos=math.cos, sin=math.sin,
                tanh=math.tanh, round=lambda v: float(round(v)), pow=math.pow,
                clip=lambda v, low, high: names['min'](names['max'](v, low), high),
                floor=lambda v: float(math.floor(v)), ceil=lambda v: float(math.ceil(v)), abs=math.fabs, min=nan_or(min), max=nan_or(max))
            def value(expression):
                try:
                    v = eval(expression, {'__builtins__': {}}, names)
                    return v if isinstance(v, float) and math.isfinite(v) else None
                except (ArithmeticError, ValueError, TypeError):
                    return None
            print(json.dumps([value(x) for x in json.load(sys.stdin)]))
            """;
        using var python = Process.Start(new ProcessStartInfo(Python)
        {
            ArgumentList = { "-c", Program },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        python.StandardInput.Write(JsonSerializer.Serialize(expressions));
        python.StandardInput.Close();
        var values = JsonSerializer.Deserialize<double?[]>(python.StandardOutput.ReadToEnd())!;
        python.WaitForExit();
        return values;
    }
}
