using System.Xml.Linq;

namespace ScheduleGallery;

/// <summary>The gallery as an HTML page that needs nothing but itself.</summary>
internal static class Page
{
    private const string Style =
        """
        :root{color-scheme:light dark;--back:#f6f8fa;--card:#fff;--text:#1f2328;--muted:#59636e;--edge:#d8dee4;--code:#f6f8fa}
        @media (prefers-color-scheme:dark){
        :root{--back:#010409;--card:#0d1117;--text:#e6edf3;--muted:#9da7b3;--edge:#30363d;--code:#161b22}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:96rem;background:var(--back);color:var(--text);
        font:1rem/1.5 system-ui,sans-serif}
        h1{margin:0;font-size:1.6rem}h2{margin:2.5rem 0 .75rem;font-size:1.2rem}h3{margin:0;font-size:1rem}
        p{margin:.25rem 0;color:var(--muted)}
        .room{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));align-items:start}
        article{padding:.75rem 1rem 1rem;background:var(--card);border:1px solid var(--edge);border-radius:.5rem}
        article p{font-size:.9rem}article span{display:block;margin-top:.6rem;color:var(--muted);font-size:.75rem}
        article svg{display:block;width:calc(100% + 1.5rem);max-width:none!important;margin:0 -.75rem}
        pre{margin:.2rem 0 0;padding:.5rem .6rem;overflow-x:auto;background:var(--code);border-radius:.3rem;white-space:pre-wrap;
        overflow-wrap:anywhere;font:.8rem/1.45 ui-monospace,Consolas,monospace}
        """;

    /// <summary>The text of the page.</summary>
    public static string Html(IEnumerable<(string Title, IReadOnlyList<Exhibit> Exhibits)> rooms)
    {
        var page = new XElement("html", new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                new XElement("title", "Learning-rate schedules"),
                new XElement("style", "\n" + Style.ReplaceLineEndings("\n") + "\n")),
            new XElement("body",
                new XElement("h1", "Learning-rate schedules"),
                new XElement("p", "Each over 100 epochs of 10 minibatches, from a rate of 0.1, as a trainer would use it."),
                rooms.Select(room => new XElement("section", new XAttribute("id", room.Title.ToLowerInvariant().Replace(' ', '-')),
                    new XElement("h2", room.Title),
                    new XElement("div", new XAttribute("class", "room"), room.Exhibits.Select(Article))))));
        return "<!DOCTYPE html>\n" + page.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static XElement Article(Exhibit exhibit) => new("article",
        new XElement("h3", exhibit.Name),
        new XElement("p", exhibit.Caption),
        exhibit.Charts().Select((picture, i) => (picture.Chart with { ShowTitle = i > 0 }).ToXml()),
        new XElement("span", "C#"),
        new XElement("pre", Gallery.CodeOf(exhibit)),
        new XElement("span", "text, for LrSchedule.Parse"),
        new XElement("pre", exhibit.Schedule.ToString()));
}
