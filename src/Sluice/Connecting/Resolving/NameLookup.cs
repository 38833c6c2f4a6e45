using System.Net;
using System.Net.Sockets;

namespace Sluice.Connecting.Resolving;

/// <summary>Represents one lookup by the system, for all callers that wait for it.</summary>
internal sealed class NameLookup
{
    private readonly TaskCompletionSource<IReadOnlyList<IPAddress>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NameLookup(string host, AddressFamily family)
    {
        Host = host;
        Family = family;
        Node = new LinkedListNode<NameLookup>(this);
    }

    public string Host { get; }

    public AddressFamily Family { get; }

    public Task<IReadOnlyList<IPAddress>> Answer => _answer.Task;

    /// <summary>The number of waiting callers. Guarded by the lock of <see cref="NameLookups"/>.</summary>
    public int Waiters { get; set; }

    /// <summary>The pool that it is in. Guarded by the lock of <see cref="NameLookups"/>.</summary>
    public LookupPool? Pool { get; set; }

    /// <summary>Its node in the queue of its pool. Guarded by the lock of the pool.</summary>
    public LinkedListNode<NameLookup> Node { get; }

    public void Succeed(IReadOnlyList<IPAddress> addresses) => _answer.TrySetResult(addresses);

    public void Fail(Exception exception)
    {
        if (_answer.TrySetException(exception))
        {
            // Observed, in case no caller waits any more.
            _ = _answer.Task.Exception;
        }
    }
}
