namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>
/// A regression tree that grows until its leaves have few rows. Each split minimizes the squared error for half of the factors at random.
/// Categories are ordered by the mean of their targets. A missing number comes before all others; a missing category is a category of its
/// own. Source: Breiman, Friedman, Olshen and Stone, "Classification and regression trees", 1984.
/// </summary>
internal sealed class RegressionTree
{
    private const int SmallestLeaf = 2;
    private const int Deepest = 24;

    private readonly Node _root;

    /// <param name="factors">The values of each factor by row. NaN is a missing value.</param>
    /// <param name="isCategory">Whether the values of a factor represent categories.</param>
    /// <param name="targets">The value to predict, by row.</param>
    /// <param name="rows">The rows to learn from. A row can occur several times.</param>
    /// <param name="random">Chooses the factors of each split.</param>
    public RegressionTree(double[][] factors, bool[] isCategory, double[] targets, int[] rows, Random random) =>
        _root = Grow(factors, isCategory, targets, rows, random, depth: 0);

    /// <summary>Returns the prediction for a row.</summary>
    /// <param name="valueOf">Returns the value of a factor in the row.</param>
    public double Predict(Func<int, double> valueOf)
    {
        var node = _root;
        while (node is { Left: { } left, Right: { } right }) node = node.IsLeft(valueOf(node.Factor)) ? left : right;
        return node.Mean;
    }

    private static Node Grow(double[][] factors, bool[] isCategory, double[] targets, int[] rows, Random random, int depth)
    {
        var mean = rows.Average(row => targets[row]);
        if (rows.Length < 2 * SmallestLeaf || depth == Deepest || rows.All(row => targets[row] == targets[rows[0]])) return new Node(mean);
        int[] tried = [.. Enumerable.Range(0, factors.Length)];
        random.Shuffle(tried);
        Node? best = null;
        var most = 0.0;
        foreach (var factor in tried.Take((factors.Length + 1) / 2))
        {
            var place = PlacesOf(factors[factor], isCategory[factor], targets, rows);
            int[] sorted = [.. rows.OrderBy(row => place(factors[factor][row]))];
            var (sum, total) = (0.0, rows.Sum(row => targets[row] - mean));
            for (var i = 0; i < sorted.Length - 1; i++)
            {
                sum += targets[sorted[i]] - mean;
                var (here, next) = (place(factors[factor][sorted[i]]), place(factors[factor][sorted[i + 1]]));
                if (here == next || i + 1 < SmallestLeaf || sorted.Length - i - 1 < SmallestLeaf) continue;
                var gain = sum * sum / (i + 1) + (total - sum) * (total - sum) / (sorted.Length - i - 1);
                if (gain <= most) continue;
                most = gain;
                // Compares with one of the two values, because their mean could be rounded or overflow.
                best = new Node(mean) { Factor = factor, IsLeft = value => place(value) <= here };
            }
        }

        if (best is null) return new Node(mean);
        best.Left = Grow(
            factors, isCategory, targets, [.. rows.Where(row => best.IsLeft(factors[best.Factor][row]))], random, depth + 1);
        best.Right = Grow(
            factors, isCategory, targets, [.. rows.Where(row => !best.IsLeft(factors[best.Factor][row]))], random, depth + 1);
        return best;
    }

    /// <summary>Returns a function that gives the sort key of a value.</summary>
    private static Func<double, double> PlacesOf(double[] values, bool isCategory, double[] targets, int[] rows)
    {
        if (!isCategory) return value => double.IsNaN(value) ? double.NegativeInfinity : value;
        var means = rows.GroupBy(row => values[row]).ToDictionary(group => group.Key, group => group.Average(row => targets[row]));
        return value => means.GetValueOrDefault(value);
    }

    private sealed class Node(double mean)
    {
        public double Mean { get; } = mean;

        public int Factor { get; init; }

        public Func<double, bool> IsLeft { get; init; } = _ => true;

        public Node? Left { get; set; }

        public Node? Right { get; set; }
    }
}
