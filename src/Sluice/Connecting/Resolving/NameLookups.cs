using System.Net;
using System.Net.Sockets;
using Sluice.Scheduling;

namespace Sluice.Connecting.Resolving;

/// <summary>
/// Resolves names with the system's call on a few threads of its own. The call blocks (getaddrinfo(3)), for ten seconds and more if a name server does not
/// answer. <see cref="Dns"/> would block threads of the pool, which delays everything else, timeouts too (dotnet/runtime, NameResolutionPal.Unix).
/// </summary>
/// <remarks>
/// Callers with the same name share one lookup. A lookup without waiting callers leaves the queue; one that is running continues, and callers that come before
/// its end get its answer. When every thread waits for a name server, names in the hosts file are resolved in a pool of their own.
/// </remarks>
internal sealed class NameLookups
{
    /// <summary>The number of concurrent lookups. More threads would take memory and save no time: a working name server answers within milliseconds.</summary>
    internal const int MaxThreads = 32;

    private const int MaxLocalThreads = 2;

    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(10);

    // Guards _running and the fields of its lookups.
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Host, AddressFamily Family), NameLookup> _running = [];
    private readonly Func<string, AddressFamily, IReadOnlyList<IPAddress>> _ask;
    private readonly Func<string, AddressFamily, bool> _isLocal;
    private readonly LookupPool _pool;
    private readonly LookupPool _sorter;
    private readonly LookupPool _localPool;

    internal NameLookups(
        Func<string, AddressFamily, IReadOnlyList<IPAddress>> ask, Func<string, AddressFamily, bool> isLocal, int maxThreads, TimeSpan idleTime)
    {
        _ask = ask;
        _isLocal = isLocal;
        _pool = new LookupPool(maxThreads, idleTime, Ask);
        _sorter = new LookupPool(1, idleTime, Sort);
        _localPool = new LookupPool(MaxLocalThreads, idleTime, Ask);
    }

    /// <summary>Gets the lookups of the process, which all managers share.</summary>
    public static NameLookups Shared { get; } = new(Dns.GetHostAddresses, new HostsFile("/etc/hosts").Has, MaxThreads, s_idleTime);

    /// <summary>Gets the number of threads, and of lookups that wait for one.</summary>
    internal (int Threads, int Queued) Load => (
        _pool.ThreadCount + _sorter.ThreadCount + _localPool.ThreadCount,
        _pool.QueueLength + _sorter.QueueLength + _localPool.QueueLength);

    /// <summary>Resolves a name.</summary>
    /// <exception cref="SocketException">The name does not resolve.</exception>
    /// <exception cref="ArgumentException">The name is not a valid host name.</exception>
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

    // Names are compared without case (RFC 4343).
    private static (string Host, AddressFamily Family) KeyOf(string host, AddressFamily family) => (host.ToUpperInvariant(), family);

    private NameLookup Join(string host, AddressFamily family)
    {
        lock (_lock)
        {
            (string Host, AddressFamily Family) key = KeyOf(host, family);
            if (_running.TryGetValue(key, out NameLookup? lookup))
            {
                lookup.Waiters++;
                return lookup;
            }

            lookup = new NameLookup(host, family) { Waiters = 1 };
            _running.Add(key, lookup);
            Enqueue(lookup, _pool.IsBusy ? _sorter : _pool);
            return lookup;
        }
    }

    private void Leave(NameLookup lookup)
    {
        lock (_lock)
        {
            if (--lookup.Waiters == 0 && lookup.Pool!.TryRemove(lookup))
            {
                Forget(lookup);
            }
        }
    }

    // Called under the lock.
    private void Enqueue(NameLookup lookup, LookupPool pool)
    {
        lookup.Pool = pool;
        if (!pool.TryAdd(lookup))
        {
            Forget(lookup);
            lookup.Fail(new SocketException((int)SocketError.TryAgain));
        }
    }

    private void Forget(NameLookup lookup) => _running.Remove(KeyOf(lookup.Host, lookup.Family));

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

    // An exception here would end the process. The result only selects the queue, so false is a safe answer.
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

    // Runs on a thread of its own, because it reads a file.
    private void Sort(NameLookup lookup)
    {
        LookupPool pool = IsLocal(lookup) ? _localPool : _pool;
        lock (_lock)
        {
            if (lookup.Waiters == 0)
            {
                Forget(lookup);
            }
            else
            {
                Enqueue(lookup, pool);
            }
        }
    }
}
