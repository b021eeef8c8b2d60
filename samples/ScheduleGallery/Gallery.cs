using Microsoft.ML.LrScheduling.Reports;

namespace ScheduleGallery;

/// <summary>All schedules as pictures.</summary>
internal static class Gallery
{
    private const int PanelWidth = 400;
    private const int PanelHeight = 240;

    /// <summary>The files of the gallery: a picture for each exhibit, all of them in one, and a page.</summary>
    /// <returns>The name and the text of each file. They are the same each time.</returns>
    public static IEnumerable<(string File, string Text)> Files()
    {
        var pictures = Exhibits.Rooms.SelectMany(room => room.Exhibits).SelectMany(exhibit => exhibit.Charts()).ToArray();
        foreach (var (file, chart) in pictures) yield return ($"{file}.svg", chart.ToSvg());
        SvgChart[] panels = [.. pictures.Select(picture => picture.Chart with { Width = PanelWidth, Height = PanelHeight })];
        yield return ("gallery.svg", SvgGrid.ToSvg("Learning-rate schedules", panels, columns: 4));
        yield return ("gallery.html", Page.Html(Exhibits.Rooms));
    }

    /// <summary>The C# of an exhibit, moved to the left and indented by two.</summary>
    public static string CodeOf(Exhibit exhibit)
    {
        var lines = exhibit.Code.ReplaceLineEndings("\n").Split('\n');
        var margin = lines.Skip(1).Select(Indent).DefaultIfEmpty(0).Min();
        return string.Join(
            '\n', lines.Select((line, i) => i == 0 ? line : new string(' ', 2 + (Indent(line) - margin) / 2) + line.Trim()));

        static int Indent(string line) => line.Length - line.TrimStart().Length;
    }
}
