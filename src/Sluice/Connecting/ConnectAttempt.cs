using System.Net;
using System.Net.Sockets;

namespace Sluice;

/// <summary>Represents a failed attempt to connect to one address; see <see cref="ConnectException"/>.</summary>
public sealed class ConnectAttempt
{
    internal ConnectAttempt(EndPoint endPoint, SocketException error)
    {
        EndPoint = endPoint;
        Error = error;
    }

    /// <summary>Gets the address.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>Gets the error.</summary>
    public SocketException Error { get; }

    /// <summary>Returns the message of the error, which contains the end point.</summary>
    public override string ToString() => Error.Message;
}
