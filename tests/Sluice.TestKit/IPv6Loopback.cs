using System.Net.Sockets;

namespace Sluice.TestKit;

/// <summary>The loopback address of IPv6, which a machine may lack.</summary>
internal static class IPv6Loopback
{
    /// <summary>A listener at ::1, or the end of the test where the machine has no such address.</summary>
    public static async Task<ServerSocket> ListenAsync(SelectorManager selector)
    {
        if (!Socket.OSSupportsIPv6)
        {
            Assert.Ignore("This machine has no IPv6.");
        }

        try
        {
            return await selector.Tcp().BindAsync("::1");
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            Assert.Ignore($"This machine has no ::1: {exception.Message}");
            throw;
        }
    }
}
