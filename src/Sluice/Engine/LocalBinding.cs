using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine;

/// <summary>Checks of <see cref="StreamSocketOptions.LocalEndPoint"/>.</summary>
internal static class LocalBinding
{
    /// <exception cref="SocketException">The one cannot be reached from the other.</exception>
    public static void ThrowIfMismatched(EndPoint remote, EndPoint local)
    {
        if (remote.AddressFamily != local.AddressFamily)
        {
            throw new SocketException(
                (int)SocketError.AddressFamilyNotSupported,
                $"Connecting to {SocketErrors.Describe(remote)}: not tried, because the local end point {SocketErrors.Describe(local)} is of another family.");
        }
    }
}
