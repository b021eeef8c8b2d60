using System.Reflection;
using Microsoft.ML.LrScheduling.Schedules;
using ScheduleGallery;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

[TestClass]
public sealed class ScheduleGalleryTests
{
    private static IEnumerable<Exhibit> All => Exhibits.Rooms.SelectMany(room => room.Exhibits);

    [TestMethod]
    public void The_pictures_in_docs_are_those_of_the_code()
    {
        var files = Gallery.Files().ToArray();
        foreach (var (file, text) in files)
        {
            var path = TestData.PathOf(Path.Combine("schedules", file));
            Assert.IsTrue(File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == text,
                $"docs/schedules/{file} is out of date. Write it anew: dotnet run --project samples/ScheduleGallery -- docs/schedules");
        }

        var pictures = Directory.GetFiles(TestData.PathOf("schedules"), "*.svg").Select(Path.GetFileName);
        CollectionAssert.AreEquivalent(
            files.Select(file => file.File).Where(file => file.EndsWith(".svg", StringComparison.Ordinal)).ToArray(), pictures.ToArray());
    }

    [TestMethod]
    public void Every_kind_is_on_show()
    {
        var kinds = typeof(LrSchedule).GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Select(factory => factory.ReturnType)
            .Where(type => type.IsSubclassOf(typeof(LrSchedule))).Select(type => type.Name).Distinct();
        CollectionAssert.IsSubsetOf(kinds.ToArray(), All.Select(exhibit => exhibit.Schedule.GetType().Name).ToArray());
    }

    [TestMethod]
    public void Every_text_on_show_can_be_read()
    {
        foreach (var exhibit in All) Assert.AreEqual(exhibit.Schedule, LrSchedule.Parse(exhibit.Schedule.ToString()));
    }
}
