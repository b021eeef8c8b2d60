namespace Microsoft.ML.Runtime;

/// <summary>A component's own environment: its name in the log and its own stream of random numbers.</summary>
internal sealed class Host : IHost, ICancelable
{
    private readonly HostRoot _root;
    private readonly string _fullName;
    private readonly Lock _registration = new();
    private Random _seeds;

    public Random Rand { get; }

    public ComponentCatalog ComponentCatalog => _root.ComponentCatalog;

    public string ContextDescription => _fullName;

    bool ICancelable.IsCanceled => _root.IsCanceled;

    internal HostRoot Root => _root;

    internal Host(HostRoot root, string fullName, Random rand) => (_root, _fullName, Rand) = (root, fullName, rand);

    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        return new Host(_root, Child(name), new Random(seed ?? NextSeed()));
    }

    public IChannel Start(string name) => new Channel(_root, Child(name));

    public IPipe<TMessage> StartPipe<TMessage>(string name)
        => throw Contracts.ExceptNotInSubset("A pipe of messages other than a channel's");

    public IProgressChannel StartProgressChannel(string name) => new SilentProgress();

    public TException Process<TException>(TException ex) where TException : Exception => ex;

    void ICancelable.CancelExecution() => _root.Cancel();

    private string Child(string name) => _fullName is null ? name : $"{_fullName}; {name}";

    // Seeds come from a stream of their own, begun by the host's: how many numbers a component draws
    // does not change what its children get.
    private int NextSeed()
    {
        lock (_registration)
        {
            _seeds ??= new Random(Rand.Next());
            return _seeds.Next();
        }
    }
}
