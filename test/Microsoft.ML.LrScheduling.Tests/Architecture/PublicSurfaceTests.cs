using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Architecture;

/// <summary>Holds what all public types have in common.</summary>
[TestClass]
public sealed class PublicSurfaceTests
{
    private static readonly Type[] Types = typeof(LinearTrainerOptions).Assembly.GetExportedTypes();

    [TestMethod]
    public void Every_public_list_has_a_Count_and_compares_by_value()
    {
        var lists =
            from type in Types
            from property in type.GetProperties()
            let list = property.PropertyType
            where list.IsGenericType && list.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
            select $"{type.Name}.{property.Name}";
        Assert.AreEqual("", string.Join(", ", lists));
    }
}
