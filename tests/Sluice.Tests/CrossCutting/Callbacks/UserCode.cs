using System.Collections.Concurrent;
using Sluice.Scheduling;

namespace Sluice.Tests.CrossCutting.Callbacks;

/// <summary>
/// Stands in code of the user's of every kind, and says what is wrong with where that is called: on the monitor's thread, on a loop outside a
/// stay that can be taken over, or under a lock of ours.
/// </summary>
internal sealed class UserCode
{
    private readonly ConcurrentDictionary<string, int> _calls = new();
    private readonly ConcurrentDictionary<string, string> _wrong = new();

    /// <summary>What another thread must be able to do while user code runs: each takes locks of the library.</summary>
    public ConcurrentBag<Action> Probes { get; } = [];

    public IEnumerable<string> Wrong => _wrong.Values;

    public IEnumerable<string> Called => _calls.Keys;

    public void Enter(string kind)
    {
        int call = _calls.AddOrUpdate(kind, 1, (_, count) => count + 1);
        if (Thread.CurrentThread.Name == "Sluice monitor")
        {
            Note(kind, "on the monitor");
        }

        if (LoopTurn.Current is { } turn && (turn.State & 1) == 0)
        {
            Note(kind, "on a loop between two stays");
        }

        // Now and then: it costs a thread.
        if (call <= 20 || call % 50 == 0)
        {
            CheckLocks(kind);
        }
    }

    private void CheckLocks(string kind)
    {
        Action[] probes = [.. Probes];
        var probing = new Thread(() => Array.ForEach(probes, probe => probe())) { IsBackground = true, Name = "probe" };
        probing.Start();
        if (!probing.Join(TimeSpan.FromSeconds(10)))
        {
            Note(kind, "under a lock");
        }
    }

    private void Note(string kind, string where) => _wrong.TryAdd(kind + where, $"{kind} {where}: {Environment.StackTrace}");
}
