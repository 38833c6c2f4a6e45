using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine;

/// <summary>Checks <see cref="StreamSocketOptions.LocalEndPoint"/>.</summary>
internal static class LocalBinding
{
    /// <exception cref="SocketException">The two end points are of different families.</exception>
    public static void ThrowIfMismatched(EndPoint remote, EndPoint local)
    {
        if (remote.AddressFamily != local.AddressFamily)
        {
            throw new SocketException(
                (int)SocketError.AddressFamilyNotSupported,
                $"Connecting to {SocketErrors.Describe(remote)}: the local end point {SocketErrors.Describe(local)} is of another family.");
        }
    }
}
