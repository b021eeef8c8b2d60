using System.Globalization;
using System.Numerics;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>A hyperparameter, an option or the kind of schedule that differs between the trainings of a report.</summary>
/// <param name="Name">The name.</param>
/// <param name="Values">The value of each training: a number, a text, or null if the training has no value.</param>
internal sealed record Factor(string Name, IReadOnlyList<object?> Values)
{
    /// <summary>Whether the factor is categorical: at least one value is a text.</summary>
    public bool IsCategory { get; } = Values.Any(value => value is string);

    /// <summary>Whether the values are the initial learning rates.</summary>
    public bool IsRate { get; init; }

    /// <summary>Whether the values correspond to the kinds of the schedules, possibly under different names.</summary>
    public bool IsScheduleKind { get; init; }

    /// <summary>Whether the leaderboard shows the values in a separate column. False if another column already shows them.</summary>
    public bool HasColumn { get; init; } = true;

    /// <summary>The values as numbers: NaN for null, and for a text its index among the distinct texts.</summary>
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

    /// <summary>Finds the factors that differ between trainings.</summary>
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
            // The column with the schedules already shows these values.
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

    // An option that is an object is easier to read as code than as JSON.
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
