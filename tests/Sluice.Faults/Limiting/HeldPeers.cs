using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Faults.Limiting;

/// <summary>Peers that connect, and hold what they have got, in a process of its own.</summary>
internal static class HeldPeers
{
    private const int AtOnce = 64;

    /// <summary>Connects, and waits for the end of the standard input.</summary>
    /// <param name="port">The server's port.</param>
    /// <param name="count">The number of peers.</param>
    /// <param name="length">How many bytes each peer sends, without an end of line. Then it sends nothing more.</param>
    public static async Task RunAsync(int port, int count, int length)
    {
        byte[] begin = new byte[length];
        begin.AsSpan().Fill((byte)'x');
        var peers = new Socket[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, cancellationToken) =>
        {
            // The server's memory is what counts, not the kernel's.
            var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
            peers[number] = peer;
            await peer.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            for (int sent = 0; sent < length;)
            {
                sent += await peer.SendAsync(begin.AsMemory(sent), cancellationToken);
            }
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {count}"));
        await Console.In.ReadToEndAsync();
        Array.ForEach(peers, peer => peer.Dispose());
    }
}
