using System.Net;
using System.Net.Sockets;

namespace Sluice;

/// <summary>One address that was tried in vain; see <see cref="ConnectException"/>.</summary>
public sealed class ConnectAttempt
{
    internal ConnectAttempt(EndPoint endPoint, SocketException error)
    {
        EndPoint = endPoint;
        Error = error;
    }

    /// <summary>The address.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>How it failed.</summary>
    public SocketException Error { get; }

    /// <summary>The error's message, which names the end point.</summary>
    public override string ToString() => Error.Message;
}
