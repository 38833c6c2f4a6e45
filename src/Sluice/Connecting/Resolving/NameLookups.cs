using System.Net;
using System.Net.Sockets;
using Sluice.Scheduling;

namespace Sluice.Connecting.Resolving;

/// <summary>
/// Asks the system for addresses on a few threads of its own. The system's call blocks (getaddrinfo(3)): with a name server that is silent for ten seconds and
/// more. <see cref="Dns"/> has it block threads of the pool, on which everything else then waits, time-outs too (dotnet/runtime, NameResolutionPal.Unix).
/// </summary>
/// <remarks>
/// Callers who ask for the same name share one question. A question that nobody waits for any more leaves the queue; one that a thread is asking goes on, and its
/// answer is for those who come until then. When every thread waits for a name server, names that need none go past them in a lane of their own.
/// </remarks>
internal sealed class NameLookups
{
    /// <summary>How many questions are asked at once. More would take memory and no less time: a name server that answers does so within milliseconds.</summary>
    internal const int MaxThreads = 32;

    private const int MaxLocalThreads = 2;

    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Host, AddressFamily Family), NameLookup> _underWay = [];
    private readonly Func<string, AddressFamily, IReadOnlyList<IPAddress>> _ask;
    private readonly Func<string, AddressFamily, bool> _isLocal;
    private readonly LookupLane _lane;
    private readonly LookupLane _sorting;
    private readonly LookupLane _localLane;

    internal NameLookups(
        Func<string, AddressFamily, IReadOnlyList<IPAddress>> ask, Func<string, AddressFamily, bool> isLocal, int maxThreads, TimeSpan idleTime)
    {
        _ask = ask;
        _isLocal = isLocal;
        _lane = new LookupLane(maxThreads, idleTime, Ask);
        _sorting = new LookupLane(1, idleTime, Sort);
        _localLane = new LookupLane(MaxLocalThreads, idleTime, Ask);
    }

    /// <summary>The process's own: the system answers all managers alike.</summary>
    public static NameLookups Shared { get; } = new(Dns.GetHostAddresses, new HostsFile("/etc/hosts").Has, MaxThreads, s_idleTime);

    /// <summary>How many threads there are, and how many questions wait for one.</summary>
    internal (int Threads, int Queued) Load => (
        _lane.ThreadCount + _sorting.ThreadCount + _localLane.ThreadCount,
        _lane.QueueLength + _sorting.QueueLength + _localLane.QueueLength);

    /// <summary>Waits for the addresses of a name.</summary>
    /// <exception cref="SocketException">The name does not resolve.</exception>
    /// <exception cref="ArgumentException">It is not the name of a host.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, AddressFamily family, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        NameLookup lookup = Join(host, family);
        try
        {
            return await lookup.Answer.EndOrCancelAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(lookup);
        }
    }

    // As names are compared (RFC 4343).
    private static (string Host, AddressFamily Family) KeyOf(string host, AddressFamily family) => (host.ToUpperInvariant(), family);

    private NameLookup Join(string host, AddressFamily family)
    {
        lock (_lock)
        {
            (string Host, AddressFamily Family) key = KeyOf(host, family);
            if (_underWay.TryGetValue(key, out NameLookup? lookup))
            {
                lookup.Waiters++;
                return lookup;
            }

            lookup = new NameLookup(host, family) { Waiters = 1 };
            _underWay.Add(key, lookup);
            Enqueue(lookup, _lane.IsBusy ? _sorting : _lane);
            return lookup;
        }
    }

    private void Leave(NameLookup lookup)
    {
        lock (_lock)
        {
            if (--lookup.Waiters == 0 && lookup.Lane!.TryRemove(lookup))
            {
                Forget(lookup);
            }
        }
    }

    // With the lock held.
    private void Enqueue(NameLookup lookup, LookupLane lane)
    {
        lookup.Lane = lane;
        if (!lane.TryAdd(lookup))
        {
            Forget(lookup);
            lookup.Fail(new SocketException((int)SocketError.TryAgain));
        }
    }

    private void Forget(NameLookup lookup) => _underWay.Remove(KeyOf(lookup.Host, lookup.Family));

    private void Ask(NameLookup lookup)
    {
        IReadOnlyList<IPAddress>? addresses = null;
        Exception? failure = null;
        try
        {
            addresses = _ask(lookup.Host, lookup.Family);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        lock (_lock)
        {
            Forget(lookup);
        }

        if (failure is null)
        {
            lookup.Succeed(addresses!);
        }
        else
        {
            lookup.Fail(failure);
        }
    }

    // What is thrown here would end the process; and the answer says only which queue is the shorter one.
    private bool IsLocal(NameLookup lookup)
    {
        try
        {
            return _isLocal(lookup.Host, lookup.Family);
        }
        catch (Exception)
        {
            return false;
        }
    }

    // On a thread of its own, because it reads a file.
    private void Sort(NameLookup lookup)
    {
        LookupLane lane = IsLocal(lookup) ? _localLane : _lane;
        lock (_lock)
        {
            if (lookup.Waiters == 0)
            {
                Forget(lookup);
            }
            else
            {
                Enqueue(lookup, lane);
            }
        }
    }
}
