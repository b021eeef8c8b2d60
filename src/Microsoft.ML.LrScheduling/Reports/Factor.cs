using System.Globalization;
using System.Numerics;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>What differs between the trainings of a report: a hyperparameter, an option, or the kind of schedule.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Values">The value of each training: a number, a text, or null where the training has none.</param>
internal sealed record Factor(string Name, IReadOnlyList<object?> Values)
{
    /// <summary>Whether some value is a word.</summary>
    public bool IsCategory { get; } = Values.Any(value => value is string);

    /// <summary>Whether it is the initial learning rate.</summary>
    public bool IsRate { get; init; }

    /// <summary>Whether it is the kind of the schedule, by whatever name.</summary>
    public bool IsScheduleKind { get; init; }

    /// <summary>Whether it says no more than a column that is there already.</summary>
    public bool HasColumn { get; init; } = true;

    /// <summary>The values as numbers, NaN for none, and words by their place among them.</summary>
    public double[] Numbers
    {
        get
        {
            string[] words = [.. Values.OfType<object>().Select(Text).Distinct()];
            return [.. Values.Select(value => value is null ? double.NaN
                : IsCategory ? Array.IndexOf(words, Text(value))
                : (double)value)];
        }
    }

    /// <summary>What differs between trainings.</summary>
    public static IReadOnlyList<Factor> Of(IReadOnlyList<ReportedTraining> trainings)
    {
        string[] names = [.. trainings.SelectMany(training => training.Hyperparameters.Select(drawn => drawn.Name)).Distinct()];
        string[] schedules = [.. trainings.Select(training => training.Schedule)];
        string[] kinds = [.. trainings.Select(training => training.ScheduleKind)];
        double?[] rates = [.. trainings.Select(training => training.Options?.LearningRate)];
        var factors = new List<Factor>();
        foreach (var name in names)
        {
            object?[] values = [.. trainings.Select(training =>
                training.Hyperparameters.FirstOrDefault(drawn => drawn.Name == name) is { } drawn ? Value(drawn, training.Options) : null)];
            if (values.Distinct().Count() < 2) continue;
            // The column of schedules says it.
            if (values.Zip(schedules).All(pair => pair.First is null || Equals(pair.First, pair.Second))) continue;
            factors.Add(new Factor(name, values)
            {
                IsRate = values.Zip(rates).All(pair => pair.First is double value && value == pair.Second),
                IsScheduleKind = IsRenamed(values, kinds),
            });
        }

        if (kinds.Distinct().Count() > 1 && !factors.Exists(factor => factor.IsScheduleKind))
            factors.Insert(0, new Factor("schedule", kinds) { IsScheduleKind = true, HasColumn = false });
        return factors;
    }

    private static bool IsRenamed(object?[] values, string[] kinds)
    {
        if (values.Any(value => value is not string)) return false;
        var pairs = values.Zip(kinds).Distinct().Count();
        return pairs == values.Distinct().Count() && pairs == kinds.Distinct().Count();
    }

    // An option that is an object reads better as code.
    private static object Value(Hyperparameter drawn, LinearTrainerOptions? options)
    {
        if (drawn.Number is { } number && double.IsFinite(number) && HasAllDigits(number, drawn.Text)) return number;
        if (!drawn.Text.StartsWith('{') || options is null) return drawn.Text;
        var code = OptionsCode.Set(options)
            .FirstOrDefault(set => string.Equals(set.Name, drawn.Name, StringComparison.OrdinalIgnoreCase)).Value;
        return code is null ? drawn.Text : OptionsCode.WithoutType(code);
    }

    // A whole number of another type may have more than a double has.
    private static bool HasAllDigits(double number, string text) =>
        !BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
        || whole == new BigInteger(number);

    private static string Text(object value) => string.Create(CultureInfo.InvariantCulture, $"{value}");
}
