using System.Text;

namespace Microsoft.ML.Data;

/// <summary>A confusion matrix as the text that ML.NET prints.</summary>
internal static class ConfusionTable
{
    internal static string Format(ConfusionMatrix matrix, bool isBinary)
    {
        var names = matrix.ClassNames;
        var isPair = names.Count == 2;
        var width = isPair ? 8 : 5;
        // Names too long for a column's head stand in the rows alone, and numbers stand for them.
        var numbered = names.Any(name => name.Length > width);
        var digits = (names.Count - 1).ToString().Length;
        var labels = names.Select((name, i) => (Name: name, Index: i.ToString().PadLeft(digits))).ToList();
        var margin = Math.Max("Precision".Length, names.Max(name => name.Length) + (numbered ? digits + 2 : 0));
        var rule = string.Concat(Enumerable.Repeat(isPair ? "===========" : "========", names.Count));

        var text = new StringBuilder();
        if (isPair && isBinary) AppendRatio(text, matrix);
        text.AppendLine().AppendLine("Confusion table");
        text.AppendLine($"{Margin("")}||{rule}");
        text.Append($"{Margin("PREDICTED")}||");
        foreach (var (name, index) in labels) text.Append($" {(numbered ? index.TrimStart() : name).PadLeft(width)} |");
        text.AppendLine(" Recall");
        text.AppendLine($"{Margin("TRUTH")}||{rule}");
        for (var i = 0; i < names.Count; i++)
        {
            var (name, index) = labels[i];
            text.Append(numbered ? $"{index}. {name.PadLeft(margin - digits - 2)} ||" : $"{name.PadLeft(margin)} ||");
            foreach (var count in matrix.Counts[i]) text.Append($" {count.ToString("N0").PadLeft(width)} |");
            text.AppendLine($" {matrix.PerClassRecall[i],5:F4}");
        }
        text.AppendLine($"{Margin("")}||{rule}");
        text.Append($"{Margin("Precision")}||");
        foreach (var precision in matrix.PerClassPrecision) text.Append($"{precision.ToString("N4").PadLeft(width + 1)} |");
        return text.AppendLine().ToString();

        string Margin(string head) => head.PadRight(margin + 1);
    }

    private static void AppendRatio(StringBuilder text, ConfusionMatrix matrix)
    {
        var positives = matrix.Counts[0].Sum();
        var negatives = matrix.Counts[1].Sum();
        var ratio = positives / (positives + negatives);
        text.Append($"TEST {matrix.ClassNames[0].ToUpper()} RATIO:\t{ratio:N4} ({positives:F1}/({positives:F1}+{negatives:F1}))");
    }
}
