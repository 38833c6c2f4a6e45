using System.Net;
using Sluice.Options;

namespace Sluice.Engine;

internal abstract partial class Transport
{
    // Written once, before the socket is closed; a race of two closes may leave either reason. Read by messages.
    private CloseReason _closedBy;

    /// <summary>Gets the name of the socket in a message.</summary>
    public virtual string Title => $"The {KindName} at {Describe(() => LocalEndPoint)}";

    /// <summary>Sets the reason that callers get for a close. To be called before the first step of the close. The first call counts.</summary>
    public void NoteClose(CloseReason reason)
    {
        if (_closedBy == CloseReason.Unknown)
        {
            _closedBy = reason;
        }
    }

    /// <summary>Makes the exception for a call on a socket that was closed on this side.</summary>
    /// <param name="objectName">The name of the public type that was called.</param>
    public ObjectDisposedException Closed(string objectName) => new(objectName, $"{Title} {_closedBy.Explain()}.");

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
}
