namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Decides which trials continue and which are stopped: asynchronous successive halving, for trials that reach their rungs in any order. As
/// long as more trials can reach a rung, a trial is promoted from it if it is among the best ⌊n / reduction⌋ of the n trials that have
/// reached it. When all trials are there, it must be among the best ⌈n / reduction⌉. A trial is stopped when it can no longer be among
/// these. If all trials arrive at once, this is the original successive halving. Source: Li et al., "A system for massively parallel
/// hyperparameter tuning", MLSys 2020.
/// </summary>
/// <param name="rungs">The epochs after which trials are compared.</param>
/// <param name="trials">The numbers of the trials.</param>
/// <param name="name">A description of the strategy and the trials.</param>
internal sealed class Competition(Rungs rungs, IEnumerable<int> trials, string name = "")
{
    // For each rung, by its number of epochs, the trials that have reached it, the best first.
    private readonly SortedDictionary<int, SortedSet<Place>> _places = [];
    private readonly Dictionary<int, Way> _ways = trials.ToDictionary(trial => trial, _ => new Way());

    /// <summary>The epochs after which trials are compared.</summary>
    public Rungs Rungs => rungs;

    /// <summary>A description of the strategy and the trials, which a journal records for each trial that is stopped early.</summary>
    public string Name => name;

    /// <summary>Returns the next rung that a trial has not reached.</summary>
    public int NextRung(int trial) => rungs.After(_ways[trial].Rung) ?? TrialLeg.ToTheEnd;

    /// <summary>Records that a trial has reached its next rung, and waits there.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="cost">The score at the rung, where lower is better; null if it is not defined, which is worse than all others.</param>
    public void Come(int trial, double? cost)
    {
        var way = _ways[trial];
        (way.Rung, way.Waits) = (NextRung(trial), true);
        Add(way.Rung, trial, cost);
    }

    /// <summary>Records that a trial has ended by itself. It keeps its place at the rungs that it has reached.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="epochs">The number of epochs that count; 0 if it failed before any rung.</param>
    /// <param name="costAfter">Returns the score after a number of epochs, as in <see cref="Come"/>.</param>
    public void End(int trial, int epochs, Func<int, double?> costAfter)
    {
        for (var rung = NextRung(trial); rung <= epochs && rung != TrialLeg.ToTheEnd; rung = NextRung(trial))
        {
            _ways[trial].Rung = rung;
            Add(rung, trial, costAfter(rung));
        }

        (_ways[trial].IsOver, _ways[trial].Waits) = (true, false);
    }

    /// <summary>Returns the trials that are promoted now, those of the highest rung first. They no longer wait.</summary>
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

    /// <summary>Returns the trials that can no longer be promoted. They have ended.</summary>
    public IReadOnlyList<int> TakeThoseThatAreLeft()
    {
        var left = new List<int>();
        // From the lowest rung up, because a trial that is stopped at one rung does not reach the rungs above it.
        foreach (var (rung, places) in _places)
            foreach (var trial in places.Skip(Part(MostAt(rung))).Select(place => place.Trial).Where(trial => WaitsAt(trial, rung)))
            {
                (_ways[trial].IsOver, _ways[trial].Waits) = (true, false);
                left.Add(trial);
            }

        return left;
    }

    private int Part(int trials) => (trials - 1) / rungs.Reduction + 1;

    /// <summary>The number of trials that have reached a rung, or can still reach it.</summary>
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
        /// <summary>The highest rung that the trial has reached; 0 for none.</summary>
        public int Rung { get; set; }

        public bool Waits { get; set; }

        public bool IsOver { get; set; }
    }
}
