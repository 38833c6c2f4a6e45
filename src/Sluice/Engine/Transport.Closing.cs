using System.Net;
using Sluice.Options;

namespace Sluice.Engine;

internal abstract partial class Transport
{
    private CloseReason _closedBy;

    /// <summary>What the socket is called in a message that is not about its peer alone.</summary>
    public virtual string Title => $"The {KindName} at {Describe(() => LocalEndPoint)}";

    /// <summary>To be called before anything ends for it: what callers are told then. The first call counts.</summary>
    public void NoteClose(CloseReason reason)
    {
        if (_closedBy == CloseReason.Unknown)
        {
            _closedBy = reason;
        }
    }

    /// <summary>What a call is thrown because the socket is closed on this side.</summary>
    /// <param name="objectName">The public type that was called.</param>
    public ObjectDisposedException Closed(string objectName) => new(objectName, $"{Title} {Explain(_closedBy)}.");

    /// <summary>An end point in a message. One that is unknown, because the socket was closed before it was asked for, or has no name, is said to be so.</summary>
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

    private static string Explain(CloseReason reason) => reason switch
    {
        CloseReason.Closed => "was closed by CloseAsync or DisposeAsync",
        CloseReason.Aborted => "was aborted by Abort",
        CloseReason.ServerStopped => "was closed because its server was stopped",
        CloseReason.ManagerDisposed => "was closed because its SelectorManager was disposed",
        _ => "is closed, or nothing more is read from or written to it",
    };
}
