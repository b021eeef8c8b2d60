using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

[TestClass]
public sealed partial class SchemaTests
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

        // Not AreEqual, whose message would have both in full.
        Assert.IsTrue(
            schema == File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "schedule.schema.json")).ReplaceLineEndings("\n"),
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

    [TestMethod]
    public void The_schema_and_the_reader_agree()
    {
        using var schema = JsonDocument.Parse(ScheduleSchema.Create().ToJsonString());
        var validator = new SchemaValidator(schema.RootElement);
        var documents = new SchemaDocuments(validator, seed: 7);
        var (read, refused, unsaid, differences) = (0, 0, 0, new List<string>());
        for (var i = 0; i < 3000; i++)
        {
            var json = documents.Next();
            using var document = JsonDocument.Parse(json);
            var (isValid, refusal) = (validator.IsValid(document.RootElement), Refusal(json));
            if (isValid && refusal is not null && Unsaid().IsMatch(refusal)) unsaid++;
            else if (isValid != refusal is null) differences.Add($"{json}: {(isValid ? refusal : "read, but not of the schema")}");
            else if (isValid) read++;
            else refused++;
        }

        Assert.AreEqual("", string.Join('\n', differences.Take(10)), $"{differences.Count} differences");
        // Neither way goes untried.
        Assert.IsTrue(Math.Min(read, refused) > 500 && unsaid > 50, $"{read} read, {refused} refused, {unsaid} for what no schema says");
    }

    private static string? Refusal(string json)
    {
        try
        {
            LrSchedule.FromJson(json);
            return null;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }

    /// <summary>What a schema cannot say; docs/schedules.md lists it.</summary>
    [GeneratedRegex("in ascending order|one step fewer than there are schedules|as many values as milestones"
        + "|at least (baseLr|minLr|noiseStart)|mode must be (Min|Max) for|Type is geometric|must not name initial"
        + "|as many numbers as state has functions"
        + "|must hold one value, or one per parameter group \\([0-9]|(lrLambda|scaleFn|rate|state): column [0-9]+: ")]
    private static partial Regex Unsaid();
}
