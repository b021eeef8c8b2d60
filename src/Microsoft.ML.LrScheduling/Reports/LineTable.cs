using System.Text.Json;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>
/// Writes texts as indices of lines, so that a report contains each line only once: code and options of trainings share most lines.
/// </summary>
internal sealed class LineTable
{
    private readonly Dictionary<string, int> _lines = [];

    /// <summary>Writes a text as the list of the indices of its lines.</summary>
    public void Write(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartArray(name);
        if (text.Length > 0)
            foreach (var line in text.Split('\n').Select(VisibleText.Of))
            {
                if (!_lines.TryGetValue(line, out var index)) _lines.Add(line, index = _lines.Count);
                json.WriteNumberValue(index);
            }

        json.WriteEndArray();
    }

    /// <summary>Writes the lines of all texts, in the order of their indices.</summary>
    public void WriteLines(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        foreach (var line in _lines.Keys) json.WriteStringValue(line);
        json.WriteEndArray();
    }
}
