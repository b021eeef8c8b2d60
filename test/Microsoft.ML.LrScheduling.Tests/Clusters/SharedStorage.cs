using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Orleans;
using Orleans.Storage;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>Grain storage that outlives silos, as a database does; it tells and counts what is written.</summary>
internal sealed class SharedStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<string, (string Json, string ETag)> _states = [];

    /// <summary>How often each state was written, by the name of its kind and of its grain.</summary>
    public ConcurrentDictionary<string, int> Writes { get; } = [];

    /// <summary>Told of each state that was written; null for nobody.</summary>
    public Action<object>? Written { get; set; }

    /// <summary>Told the name of each state before it is read; null for nobody.</summary>
    public Action<string>? Reading { get; set; }

    /// <summary>How many states there are whose name has a part.</summary>
    /// <param name="part">The name of their kind, or of a study.</param>
    public int Count(string part) => _states.Keys.Count(name => name.Contains(part, StringComparison.Ordinal));

    /// <summary>The rows of a study; null where there is none.</summary>
    /// <param name="study">Its name.</param>
    public StudyRows? RowsOf(string study) => _states.Where(state => state.Key.StartsWith("ledger/", StringComparison.Ordinal)
        && state.Key.EndsWith($"/{study}", StringComparison.Ordinal))
        .Select(state => JsonSerializer.Deserialize<StudyLedger>(state.Value.Json)!.Rows).SingleOrDefault();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Reading?.Invoke(NameOf(stateName, grainId));
        grainState.RecordExists = _states.TryGetValue(NameOf(stateName, grainId), out var kept);
        grainState.State = grainState.RecordExists ? JsonSerializer.Deserialize<T>(kept.Json)! : Activator.CreateInstance<T>();
        grainState.ETag = kept.ETag;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var name = NameOf(stateName, grainId);
        if (_states.TryGetValue(name, out var kept) && kept.ETag != grainState.ETag)
            throw new InconsistentStateException($"{name} was written by another.", kept.ETag, grainState.ETag);
        grainState.ETag = Guid.NewGuid().ToString();
        grainState.RecordExists = true;
        _states[name] = (JsonSerializer.Serialize(grainState.State), grainState.ETag);
        Writes.AddOrUpdate(name, 1, (_, count) => count + 1);
        Written?.Invoke(grainState.State!);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        _states.TryRemove(NameOf(stateName, grainId), out _);
        (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
        return Task.CompletedTask;
    }

    private static string NameOf(string stateName, GrainId grainId) => $"{stateName}/{grainId}";
}
