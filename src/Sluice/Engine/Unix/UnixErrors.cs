using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine.Unix;

/// <summary>Makes the exceptions of bind(2) and connect(2) with a path.</summary>
internal static class UnixErrors
{
    /// <summary>Translates ENOENT and ENOTDIR, which <see cref="SocketError"/> knows as an invalid argument: there is no such file or folder.</summary>
    public static SocketError Translate(SocketError error) => error == SocketError.InvalidArgument ? SocketError.AddressNotAvailable : error;

    public static SocketException At(SocketError error, string doing, EndPoint endPoint) => Translate(error) switch
    {
        SocketError.AddressNotAvailable => new SocketException((int)SocketError.AddressNotAvailable, $"{doing} {endPoint}: No such file or directory"),
        SocketError.WouldBlock => new SocketException((int)SocketError.WouldBlock, $"{doing} {endPoint}: The backlog of the server is full"),
        var other => SocketErrors.At(other, doing, endPoint),
    };

    /// <summary>Makes the exception of a bind to a name that is taken.</summary>
    public static SocketException InUse(EndPoint endPoint, string why) => new(
        (int)SocketError.AddressAlreadyInUse,
        $"Binding to {endPoint}: {new SocketException((int)SocketError.AddressAlreadyInUse).Message} ({why})");
}
