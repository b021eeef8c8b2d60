using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>Writes the options of a trainer as C# code: an object initializer with the values that differ from the defaults.</summary>
internal static class OptionsCode
{
    // Only the trainers of this library: the name of a trainer in a file is not trusted, and must not become code.
    private static readonly Dictionary<string, (Func<string, LinearTrainerOptions> Read, string Factory)> Trainers = new()
    {
        [nameof(TorchLinearRegressionTrainer)] =
            (TorchLinearRegressionTrainer.Options.FromJson, "mlContext.Regression.Trainers.TorchLinearRegression"),
        [nameof(TorchLogisticRegressionTrainer)] =
            (TorchLogisticRegressionTrainer.Options.FromJson, "mlContext.BinaryClassification.Trainers.TorchLogisticRegression"),
        [nameof(TorchMaximumEntropyTrainer)] =
            (TorchMaximumEntropyTrainer.Options.FromJson, "mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy"),
    };

    /// <summary>Whether a trainer belongs to this library.</summary>
    public static bool Knows(string trainer) => Trainers.ContainsKey(trainer);

    /// <summary>
    /// Reads the options of a history; null if the trainer does not belong to this library or the options cannot be read.
    /// </summary>
    public static LinearTrainerOptions? Read(TrainingHistory history)
    {
        if (!Trainers.TryGetValue(history.Trainer, out var trainer) || history.Options.Length == 0) return null;
        try
        {
            return trainer.Read(history.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the statements that create the options and their trainer.</summary>
    /// <param name="options">The options.</param>
    /// <param name="lostSchedule">
    /// The text of a schedule that holds a delegate, which the options therefore do not contain; null for none.
    /// </param>
    /// <param name="lostBiasSchedule">The same for the schedule of the bias.</param>
    public static string Write(LinearTrainerOptions options, string? lostSchedule = null, string? lostBiasSchedule = null)
    {
        var trainer = options.GetType().DeclaringType!.Name;
        var code = new StringBuilder();
        code.Append(CultureInfo.InvariantCulture, $"var options = new {trainer}.Options\n{{\n");
        foreach (var (name, value) in Set(options)) code.Append(CultureInfo.InvariantCulture, $"    {name} = {value},\n");
        Name(nameof(options.LearningRateSchedule), lostSchedule);
        Name(nameof(options.BiasLearningRateSchedule), lostBiasSchedule);
        return code.Append(CultureInfo.InvariantCulture, $"}};\nvar trainer = {Trainers[trainer].Factory}(options);").ToString();

        void Name(string property, string? lost)
        {
            if (lost is not null)
                code.Append(CultureInfo.InvariantCulture, $"    // {property} holds a delegate: {VisibleText.Of(lost)}\n");
        }
    }

    /// <summary>Returns the options that differ from their defaults, each with its value as a C# expression.</summary>
    public static IEnumerable<(string Name, string Value)> Set(LinearTrainerOptions options) =>
        Initializers(options, Activator.CreateInstance(options.GetType())!);

    /// <summary>Returns an expression without the type before a member: <c>Adam()</c> for <c>Optimizer.Adam()</c>.</summary>
    public static string WithoutType(string expression) =>
        Enumerable.Range(0, expression.Length).FirstOrDefault(i => !char.IsAsciiLetter(expression[i])) is var end and > 0
            && expression[end] == '.'
            ? expression[(end + 1)..]
            : expression;

    private static IEnumerable<(string Name, string Value)> Initializers(object value, object defaults) =>
        from property in value.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public)
        where property.SetMethod is { IsPublic: true }
            && property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always }
            // The options that all trainers share come first. Otherwise the order is that of the declarations.
        orderby property.DeclaringType == value.GetType(), property.MetadataToken
        let own = property.GetValue(value)
        where !Equals(own, property.GetValue(defaults)) || property.IsDefined(typeof(RequiredMemberAttribute))
        select (property.Name, Expression(own));

    private static string Expression(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        string text => Literal(text),
        Enum member => $"{member.GetType().Name}.{member}",
        TimeSpan time => time.Ticks % TimeSpan.TicksPerSecond == 0
            ? $"TimeSpan.FromSeconds({time.Ticks / TimeSpan.TicksPerSecond})"
            : $"TimeSpan.FromTicks({time.Ticks})",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable number and (int or long) => number.ToString(null, CultureInfo.InvariantCulture),
        RunLength length => length.ToString(),
        ScheduleFunction function => Literal($"{function}"),
        LrSchedule schedule => Call(
            typeof(LrSchedule), schedule,
            ScheduleKind.Of(schedule).Written(schedule).ToDictionary(written => written.Property.Name, written => (object?)written.Value)),
        IEnumerable values => List(values),
        _ when FactoryOf(value) is { } factory => Call(
            factory, value,
            Changed(value).ToDictionary(changed => JsonNamingPolicy.CamelCase.ConvertName(changed.Name), changed => changed.Value)),
        _ => Initialized(value),
    };

    // A single value for all parameter groups has no brackets.
    private static string List(IEnumerable values)
    {
        string[] all = [.. values.Cast<object?>().Select(Expression)];
        return all.Length == 1 && values.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(PerGroup<>)
            ? all[0]
            : $"[{string.Join(", ", all)}]";
    }

    // The base class that has a factory method for the type, as Optimizer has one for Adam.
    private static Type? FactoryOf(object value)
    {
        for (var type = value.GetType().BaseType; type is not null; type = type.BaseType)
            if (Factories(type, value.GetType()).Any())
                return type;
        return null;
    }

    private static IEnumerable<MethodInfo> Factories(Type type, Type made) =>
        type.GetMethods(BindingFlags.Static | BindingFlags.Public).Where(method => method.ReturnType == made && !method.IsSpecialName);

    private static IEnumerable<(string Name, object? Value)> Changed(object value)
    {
        var defaults = Activator.CreateInstance(value.GetType(), nonPublic: true)!;
        return from property in value.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public)
               where property.SetMethod is { IsPublic: true }
               let own = property.GetValue(value)
               where !Equals(own, property.GetValue(defaults))
               select (property.Name, own);
    }

    /// <summary>
    /// Writes a call of a factory method. A required first argument has no name, all others are named. Settings that the method does not
    /// have as parameters follow in a <c>with</c> expression.
    /// </summary>
    private static string Call(Type type, object value, Dictionary<string, object?> settings)
    {
        // Schedules with functions also have factory methods that take delegates. These are not used.
        var method = Factories(type, value.GetType())
            .OrderBy(method => method.GetParameters().Any(parameter => IsDelegate(parameter.ParameterType))).First();
        var arguments = new List<string>();
        foreach (var parameter in method.GetParameters())
        {
            if (!settings.Remove(parameter.Name!, out var setting)) continue;
            var isSpread = parameter.IsDefined(typeof(ParamArrayAttribute));
            var expression = isSpread && setting is IEnumerable values
                ? string.Join(", ", values.Cast<object?>().Select(Expression))
                : Expression(setting);
            arguments.Add(parameter.Position == 0 && !parameter.IsOptional ? expression : $"{parameter.Name}: {expression}");
        }

        var call = $"{type.Name}.{method.Name}({string.Join(", ", arguments)})";
        return settings.Count == 0
            ? call
            : $"{call} with {{ {string.Join(", ", settings.Select(rest => $"{PropertyName(rest.Key)} = {Expression(rest.Value)}"))} }}";
    }

    private static bool IsDelegate(Type type) => typeof(Delegate).IsAssignableFrom(type.GetElementType() ?? type);

    private static string PropertyName(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static string Initialized(object value)
    {
        var initializers = Initializers(value, Activator.CreateInstance(value.GetType(), nonPublic: true)!)
            .Select(set => $"{set.Name} = {set.Value}");
        return $"new {value.GetType().Name} {{ {string.Join(", ", initializers)} }}";
    }

    private static string Literal(string text) =>
        "\"" + VisibleText.Of(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)) + "\"";
}
