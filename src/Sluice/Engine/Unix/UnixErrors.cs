using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine.Unix;

/// <summary>What the errors of bind and connect mean where the name is a path.</summary>
internal static class UnixErrors
{
    /// <summary>ENOENT and ENOTDIR are no invalid arguments here: there is no such file, or folder.</summary>
    public static SocketError Translate(SocketError error) => error == SocketError.InvalidArgument ? SocketError.AddressNotAvailable : error;

    public static SocketException At(SocketError error, string doing, EndPoint endPoint) => Translate(error) switch
    {
        SocketError.AddressNotAvailable => new SocketException((int)SocketError.AddressNotAvailable, $"{doing} {endPoint}: No such file or directory"),
        SocketError.WouldBlock => new SocketException((int)SocketError.WouldBlock, $"{doing} {endPoint}: The server has as many connections waiting as it keeps"),
        var other => SocketErrors.At(other, doing, endPoint),
    };
}
