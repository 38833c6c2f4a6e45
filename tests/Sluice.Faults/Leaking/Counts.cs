using Sluice.Engine.Epoll;

namespace Sluice.Faults.Leaking;

/// <summary>What the process and a manager hold.</summary>
internal sealed record Counts
{
    /// <inheritdoc cref="ProcessHoldings.Descriptors"/>
    public IReadOnlyList<string> Descriptors { get; private init; } = [];

    /// <summary>The threads that the library has started. A loop may have spare ones: they are compared when the manager is disposed of.</summary>
    public int Threads { get; private init; }

    public long Buffers { get; private init; }

    /// <summary>The timers of the manager's clock.</summary>
    public int Timers { get; private init; }

    /// <summary>The waits and connects that one of the timers is to end.</summary>
    public int Waits { get; private init; }

    /// <summary>The sockets that are registered with the event loops, and those that the manager knows.</summary>
    public (int WithLoops, int WithManager) Sockets { get; private init; }

    public static Counts Of(CountingTime time, RentedBuffers buffers, SelectorManager? selector) => new()
    {
        Descriptors = [.. ProcessHoldings.Descriptors()],
        Threads = ProcessHoldings.CountThreads(),
        Buffers = buffers.Count(),
        Timers = time.Timers,
        Waits = selector is null ? 0 : selector.Sockets.Sweep.Count + ((selector.Sockets as EpollEngine)?.ConnectDeadlines.Count ?? 0),
        Sockets = selector is null ? default : ((selector.Sockets as EpollEngine)?.Loops.Sum(loop => loop.Registered) ?? 0, selector.Sockets.Open.Count),
    };

    /// <summary>Describes what there is more of than before; null if there is nothing.</summary>
    /// <param name="before">The counts before.</param>
    /// <param name="withThreads">Whether threads count.</param>
    public string? MoreThan(Counts before, bool withThreads)
    {
        (string Name, long Before, long Now)[] all =
        [
            ($"descriptors ({string.Join(", ", Descriptors.Except(before.Descriptors))})", before.Descriptors.Count, Descriptors.Count),
            ("threads", before.Threads, withThreads ? Threads : before.Threads),
            ("rented buffers", before.Buffers, Buffers),
            ("timers", before.Timers, Timers),
            ("waits with a time limit", before.Waits, Waits),
            ("sockets registered with loops", before.Sockets.WithLoops, Sockets.WithLoops),
            ("sockets of the manager", before.Sockets.WithManager, Sockets.WithManager),
        ];
        string more = string.Join(", ", all.Where(count => count.Now > count.Before).Select(count => $"{count.Now - count.Before} {count.Name}"));
        return more.Length == 0 ? null : more;
    }
}
