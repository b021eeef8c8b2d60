namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Who of the trials that compete goes up, and who is left: successive halving, in whatever order trials come to their rungs. As long as
/// others may come to a rung, a trial goes up when it is among the best ⌊n / reduction⌋ of the n that have come; when all are there,
/// among the best ⌈n / reduction⌉. It is left when it cannot come to be among these. Where all come at once, that is halving as it was
/// first described. Source: Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020.
/// </summary>
/// <param name="rungs">After which epochs trials are compared.</param>
/// <param name="trials">Their numbers.</param>
/// <param name="name">The strategy and the trials in words.</param>
internal sealed class Competition(Rungs rungs, IEnumerable<int> trials, string name = "")
{
    // By the epochs of a rung: who has come there, the best first.
    private readonly SortedDictionary<int, SortedSet<Place>> _places = [];
    private readonly Dictionary<int, Way> _ways = trials.ToDictionary(trial => trial, _ => new Way());

    /// <summary>After which epochs trials are compared.</summary>
    public Rungs Rungs => rungs;

    /// <summary>The strategy and the trials in words, which are what a trial that is left was left by.</summary>
    public string Name => name;

    /// <summary>The first rung above those that a trial has come to.</summary>
    public int NextRung(int trial) => rungs.After(_ways[trial].Rung) ?? TrialLeg.ToTheEnd;

    /// <summary>A trial has come to its next rung, and waits there.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="cost">How it does there, the lower the better; null where that is not known, which is behind all others.</param>
    public void Come(int trial, double? cost)
    {
        var way = _ways[trial];
        (way.Rung, way.Waits) = (NextRung(trial), true);
        Add(way.Rung, trial, cost);
    }

    /// <summary>A trial has ended by itself. It keeps its place on the rungs that it came to.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="epochs">The epochs that count; 0 where it has failed before any rung.</param>
    /// <param name="costAfter">How it did after so many epochs, as in <see cref="Come"/>.</param>
    public void End(int trial, int epochs, Func<int, double?> costAfter)
    {
        for (var rung = NextRung(trial); rung <= epochs && rung != TrialLeg.ToTheEnd; rung = NextRung(trial))
        {
            _ways[trial].Rung = rung;
            Add(rung, trial, costAfter(rung));
        }

        (_ways[trial].IsOver, _ways[trial].Waits) = (true, false);
    }

    /// <summary>The trials that go up now, those of the highest rung first. They are under way then.</summary>
    public IReadOnlyList<int> TakeThoseThatGoUp()
    {
        var going = new List<int>();
        foreach (var (rung, places) in _places.Reverse())
        {
            var best = MostAt(rung) == places.Count ? Part(places.Count) : places.Count / rungs.Reduction;
            foreach (var trial in places.Take(best).Select(place => place.Trial).Where(trial => WaitsAt(trial, rung)))
            {
                _ways[trial].Waits = false;
                going.Add(trial);
            }
        }

        return going;
    }

    /// <summary>The trials that can go up no more. They have ended then.</summary>
    public IReadOnlyList<int> TakeThoseThatAreLeft()
    {
        var left = new List<int>();
        // One that is left below comes to no rung above.
        foreach (var (rung, places) in _places)
            foreach (var trial in places.Skip(Part(MostAt(rung))).Select(place => place.Trial).Where(trial => WaitsAt(trial, rung)))
            {
                (_ways[trial].IsOver, _ways[trial].Waits) = (true, false);
                left.Add(trial);
            }

        return left;
    }

    private int Part(int trials) => (trials - 1) / rungs.Reduction + 1;

    /// <summary>How many trials have come to a rung, or may come yet.</summary>
    private int MostAt(int rung) => _places[rung].Count + _ways.Values.Count(way => !way.IsOver && way.Rung < rung);

    private bool WaitsAt(int trial, int rung) => _ways[trial] is { Waits: true } way && way.Rung == rung;

    private void Add(int rung, int trial, double? cost)
    {
        if (!_places.TryGetValue(rung, out var places)) _places[rung] = places = [];
        places.Add(new Place(cost ?? double.PositiveInfinity, trial));
    }

    private readonly record struct Place(double Cost, int Trial) : IComparable<Place>
    {
        public int CompareTo(Place other) => (Cost, Trial).CompareTo((other.Cost, other.Trial));
    }

    private sealed class Way
    {
        /// <summary>The highest rung that it has come to; 0 for none.</summary>
        public int Rung { get; set; }

        public bool Waits { get; set; }

        public bool IsOver { get; set; }
    }
}
