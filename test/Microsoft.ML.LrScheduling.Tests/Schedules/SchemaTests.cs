using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

[TestClass]
public sealed class SchemaTests
{
    /// <summary>The environment variable with the full path of docs/schedule.schema.json, for writing it anew.</summary>
    private const string WriteTo = "WRITE_SCHEMA_TO";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [TestMethod]
    public void The_schema_in_docs_is_that_of_the_code()
    {
        var schema = ScheduleSchema.Create().ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable(WriteTo) is { Length: > 0 } file)
        {
            File.WriteAllText(file, schema);
            return;
        }

        Assert.AreEqual(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "schedule.schema.json")).ReplaceLineEndings("\n"),
            schema,
            $"The schema is out of date. Write it anew: {WriteTo}=$PWD/docs/schedule.schema.json, then run this test.");
    }

    [TestMethod]
    public void Every_sample_has_only_what_the_schema_has()
    {
        var definitions = ScheduleSchema.Create()["$defs"]!;
        foreach (var sample in SampleSchedules.All) Check(JsonNode.Parse(sample.ToJson())!.AsObject());

        void Check(JsonObject schedule)
        {
            var definition = definitions[(string)schedule["type"]!]!;
            var allowed = definition["properties"]!.AsObject();
            foreach (var (name, value) in schedule)
            {
                Assert.IsTrue(allowed.ContainsKey(name), name);
                if (name == "schedules")
                    foreach (var part in value!.AsArray()) Check(part!.AsObject());
                if (name == "schedule") Check(value!.AsObject());
            }

            foreach (var name in definition["required"]!.AsArray()) Assert.IsTrue(schedule.ContainsKey((string)name!), (string)name!);
        }
    }
}
