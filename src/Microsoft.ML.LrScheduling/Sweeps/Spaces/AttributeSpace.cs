using System.Globalization;
using System.Reflection;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Draws the properties of a class from its attributes, which are the ones that AutoML reads too.</summary>
internal static class AttributeSpace
{
    /// <summary>Creates an object and draws its properties.</summary>
    /// <exception cref="ArgumentException">An attribute does not fit its property, or there is no attribute.</exception>
    public static T Configure<T>(Draw draw)
        where T : class, new()
    {
        var target = new T();
        if (!Set(target, "", draw))
            throw new ArgumentException($"{typeof(T).Name} must have a property with [Range], [Choice], [BooleanChoice] or [NestOption] "
                + "of Microsoft.ML.SearchSpace. Received: none");
        return target;
    }

    private static bool Set(object target, string path, Draw draw)
    {
        var type = target.GetType();
        if (type.GetFields().FirstOrDefault(field => Attributes(field).Length > 0) is { } known)
            throw new ArgumentException($"{type.Name}.{known.Name} must be a property to be a hyperparameter. Received: a field");
        var isSpace = false;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .OrderBy(property => property.MetadataToken))
        {
            var attributes = Attributes(property);
            if (attributes.Length == 0) continue;
            isSpace = true;
            if (attributes.Length > 1)
            {
                throw new ArgumentException(
                    $"{type.Name}.{property.Name} must have only one attribute with its values. Received: {attributes.Length}");
            }
            var name = path + OptionsJson.NameOf(property.Name);
            if (attributes[0] is NestOptionAttribute)
            {
                var nested = property.GetValue(target) ?? New(property);
                Set(nested, name + ".", draw);
                if (property.CanWrite) property.SetValue(target, nested);
                continue;
            }

            if (!property.CanWrite)
                throw new ArgumentException($"{type.Name}.{property.Name} must have a setter to be a hyperparameter. Received: none");
            property.SetValue(target, Value(attributes[0], name, property.PropertyType, draw));
        }

        return isSpace;
    }

    private static object Value(Attribute attribute, string name, Type type, Draw draw)
    {
        var own = Nullable.GetUnderlyingType(type) ?? type;
        object value = attribute switch
        {
            RangeAttribute { Min: int least, Max: int most } range =>
                range.LogBase ? draw.LogInteger(name, least, most) : draw.Integer(name, least, most),
            RangeAttribute range => range.LogBase
                ? draw.LogRange(name, Number(range.Min), Number(range.Max))
                : draw.Range(name, Number(range.Min), Number(range.Max)),
            ChoiceAttribute choice => draw.Choice<object>(name, choice.Candidates),
            _ => draw.Choice(name, false, true),
        };
        try
        {
            // An integer property would lose the fraction.
            if (value is double && own != typeof(double) && own != typeof(float) && own != typeof(decimal))
                throw new InvalidCastException("it must be a float or a double");
            return own.IsInstanceOfType(value)
                ? value
                : own.IsEnum ? Enum.Parse(own, $"{value}") : Convert.ChangeType(value, own, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is InvalidCastException or FormatException or OverflowException or ArgumentException)
        {
            throw new ArgumentException(
                $"The property of {name} must be of a type that can be {value}. Received: {type.Name}: {e.Message}", e);
        }
    }

    // Converted through text, so that a float of 0.1 becomes 0.1 and not 0.10000000149.
    private static double Number(object bound) => bound is float single
        ? double.Parse(single.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        : Convert.ToDouble(bound, CultureInfo.InvariantCulture);

    private static object New(PropertyInfo property) =>
        property.PropertyType.GetConstructor(Type.EmptyTypes)?.Invoke(null)
        ?? throw new ArgumentException($"{property.DeclaringType!.Name}.{property.Name} must have a value, or a type with a constructor "
            + $"without parameters. Received: {property.PropertyType.Name}");

    private static Attribute[] Attributes(MemberInfo member) =>
        [.. member.GetCustomAttributes()
            .Where(attribute => attribute is RangeAttribute or ChoiceAttribute or BooleanChoiceAttribute or NestOptionAttribute)];
}
