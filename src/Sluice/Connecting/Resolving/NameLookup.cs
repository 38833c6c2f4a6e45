using System.Net;
using System.Net.Sockets;

namespace Sluice.Connecting.Resolving;

/// <summary>One question to the system, and everyone who waits for its answer.</summary>
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

    /// <summary>How many wait. Guarded by the lock of <see cref="NameLookups"/>.</summary>
    public int Waiters { get; set; }

    /// <summary>The lane that it is in. Guarded by the lock of <see cref="NameLookups"/>.</summary>
    public LookupLane? Lane { get; set; }

    /// <summary>Its place in the queue of its lane, whose lock guards it.</summary>
    public LinkedListNode<NameLookup> Node { get; }

    public void Succeed(IReadOnlyList<IPAddress> addresses) => _answer.TrySetResult(addresses);

    public void Fail(Exception exception)
    {
        if (_answer.TrySetException(exception))
        {
            // Observed, in case that no caller waits any more.
            _ = _answer.Task.Exception;
        }
    }
}
