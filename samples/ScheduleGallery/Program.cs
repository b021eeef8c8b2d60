// Draws every kind of schedule, without training: a page, a picture of them all, a small picture each, and a few as text.
//   dotnet run --project samples/ScheduleGallery [-- folder]
// The pictures in docs/schedules are made by: dotnet run --project samples/ScheduleGallery -- docs/schedules
using Microsoft.ML.LrScheduling.Reports;
using ScheduleGallery;
using Spectre.Console;

var folder = args.Length > 0 ? args[0] : Path.Combine(Path.GetTempPath(), "schedule-gallery");
Directory.CreateDirectory(folder);
var files = Gallery.Files().ToArray();
foreach (var (file, text) in files) File.WriteAllText(Path.Combine(folder, file), text);

var grid = new Grid().AddColumns(2);
string[] shown = ["StepLR", "CosineAnnealingWarmRestarts", "OneCycleLR", "WarmupPlateau"];
foreach (var row in Exhibits.Rooms.SelectMany(room => room.Exhibits).Where(exhibit => shown.Contains(exhibit.Name)).Chunk(2))
    grid.AddRow([.. row.Select(
        exhibit => new Panel(Markup.Escape(exhibit.Curve().ToText(width: 22, height: 4))).Header(exhibit.Name).BorderColor(Color.Grey))]);
AnsiConsole.Write(grid);
AnsiConsole.MarkupLineInterpolated($"{files.Length} files in [bold]{Path.GetFullPath(folder)}[/]; open [bold]gallery.html[/] first.");
