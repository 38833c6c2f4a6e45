using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine;

internal abstract partial class Transport
{
    // Set once, with a compare-exchange, before the socket is closed. Read by messages.
    private CloseReason _closedBy;

    /// <summary>Gets the name of the socket in a message.</summary>
    public virtual string Title => $"The {KindName} at {Describe(() => LocalEndPoint)}";

    /// <summary>Gets the name of the public type of the socket, for an <see cref="ObjectDisposedException"/>.</summary>
    public abstract string ClosedName { get; }

    /// <summary>Gets access to the options for a caller: a call on a closed socket says what has closed it.</summary>
    public IOptionTarget OptionsForCallers => new CallersOptions(this);

    /// <summary>Whether <see cref="Title"/> has the local end point, which the system does not tell after the close.</summary>
    protected virtual bool IsNamedByLocalEndPoint => false;

    /// <summary>Sets the reason that callers get for a close. To be called before the first step of the close. The first call counts.</summary>
    public void NoteClose(CloseReason reason)
    {
        if (_closedBy == CloseReason.Unknown)
        {
            RememberName();
            Interlocked.CompareExchange(ref _closedBy, reason, CloseReason.Unknown);
        }
    }

    /// <summary>Makes the exception for a call on a socket that was closed on this side.</summary>
    public ObjectDisposedException Closed() => new(ClosedName, $"{Title} {_closedBy.Explain()}.");

    /// <summary>
    /// Describes an end point in a message. Says so if it has no name, or is unknown because the socket was closed before the first access.
    /// </summary>
    protected static string Describe(Func<EndPoint?> endPoint)
    {
        try
        {
            return endPoint() is { } known && SocketErrors.Describe(known) is { Length: > 0 } name ? name : "an address without a name";
        }
        catch (ObjectDisposedException)
        {
            return "an address that is no longer known";
        }
    }

    private void RememberName()
    {
        if (!IsNamedByLocalEndPoint)
        {
            return;
        }

        try
        {
            _ = LocalEndPoint;
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // Another thread closes the socket, or the system does not tell. Then messages say that the address is not known.
        }
    }
}
