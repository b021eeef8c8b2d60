using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>Creates the SVG elements of charts.</summary>
internal static class Svg
{
    private static readonly XNamespace Namespace = "http://www.w3.org/2000/svg";

    // The colours of Okabe and Ito (2008), which colour-blind readers can distinguish. The darker colours come first on a light background,
    // the lighter colours first on a dark one.
    private static readonly string[] OnLight = ["#0072b2", "#d55e00", "#009e73", "#000000", "#cc79a7", "#e69f00", "#56b4e9"];
    private static readonly string[] OnDark = ["#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#d55e00", "#0072b2"];

    private static readonly string StyleText = string.Concat(
        ".chart-page{fill:#f6f8fa}.chart-back{fill:#fff}",
        ".chart-title,.chart-label,.chart-tick{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:12px}",
        ".chart-title{font-size:14px;font-weight:600;fill:#1f2328}.chart-label{fill:#1f2328}.chart-tick{fill:#59636e}",
        ".chart-grid{stroke:#d8dee4}.chart-axis{stroke:#59636e}",
        ".chart-line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}",
        Strokes(OnLight),
        "@media (prefers-color-scheme:dark){",
        ".chart-page{fill:#010409}.chart-back{fill:#0d1117}.chart-title,.chart-label{fill:#e6edf3}.chart-tick{fill:#9da7b3}",
        ".chart-grid{stroke:#30363d}.chart-axis{stroke:#9da7b3}",
        Strokes(OnDark),
        "}");

    /// <summary>Creates the root element of an image, which shrinks if there is less space.</summary>
    public static XElement Root(double width, double height, string role, string title, string description, IEnumerable<XElement> content)
    {
        var root = Element(
            "svg", ("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width:0.##} {height:0.##}")), ("width", width),
            ("height", height), ("role", role), ("style", "max-width:100%;height:auto"));
        root.Add(Element("title", title), Element("desc", description), content);
        return root;
    }

    /// <summary>Returns the text of an SVG file. The line ends are the same on every machine.</summary>
    public static string Text(XElement root)
    {
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(
            text, new() { OmitXmlDeclaration = true, Indent = true, IndentChars = "  ", NewLineChars = "\n" }))
        {
            root.Save(writer);
        }
        return text.Append('\n').ToString();
    }

    /// <summary>Creates the style sheet with the colours and fonts for light and dark mode.</summary>
    public static XElement Style() => Element("style", StyleText);

    /// <summary>Creates an element with attributes. Numbers are rounded to hundredths of a pixel.</summary>
    public static XElement Element(string name, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var element = new XElement(Namespace + name);
        foreach (var (attribute, value) in attributes)
            element.SetAttributeValue(
                attribute, value is string text ? text : string.Create(CultureInfo.InvariantCulture, $"{value:0.##}"));
        return element;
    }

    /// <summary>Creates an element that contains text.</summary>
    public static XElement Element(string name, string text) => new(Namespace + name, Clean(text));

    /// <summary>Creates a line of text on a baseline.</summary>
    public static XElement Text(string style, double x, double y, string text, string anchor = "start")
    {
        var element = Element("text", ("class", style), ("x", x), ("y", y));
        if (anchor != "start") element.SetAttributeValue("text-anchor", anchor);
        element.Value = Clean(text);
        return element;
    }

    /// <summary>Creates a straight line.</summary>
    public static XElement Line(string style, double x1, double y1, double x2, double y2) =>
        Element("line", ("class", style), ("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2));

    /// <summary>
    /// Creates the path of a curve. The index selects the colour. After the last colour, the colours repeat with dashed lines.
    /// </summary>
    public static XElement Curve(int index, string path)
    {
        var curve = Element("path", ("class", $"chart-line chart-{index % OnLight.Length}"), ("d", path));
        if (index >= OnLight.Length) curve.SetAttributeValue("stroke-dasharray", $"{2 + 4 * (index / OnLight.Length)} 5");
        return curve;
    }

    /// <summary>Estimates the width of a text. The exact width is unknown, because it depends on the font of the reader.</summary>
    public static double Width(string text, double character) => text.Length * character;

    /// <summary>Returns a text that fits a width, with its end cut off if necessary.</summary>
    public static string Shorten(string text, double width, double character)
    {
        var room = Math.Max(1, (int)(width / character));
        return text.Length <= room ? text : text[..(room - 1)] + "…";
    }

    private static string Strokes(string[] colours) => string.Concat(colours.Select((colour, i) => $".chart-{i}{{stroke:{colour}}}"));

    /// <summary>Replaces characters that XML does not allow, such as control characters.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? Rune.ReplacementChar : rune);
        return clean.ToString();
    }
}
