using System.Net;
using System.Net.Sockets;

namespace Sluice.Faults.Attacking;

/// <summary>One of the peers of an attack: a plain socket.</summary>
internal sealed class AttackPeer(int[] ports, int number, int seed, Pace pace, CancellationToken end)
{
    public CancellationToken End => end;

    public Random Random { get; } = new(HashCode.Combine(seed, number));

    public int Number => number;

    public int LinePort => ports[0];

    public int TlsPort => ports[1];

    public int FramePort => ports[2];

    public int FloodPort => ports[3];

    /// <summary>Waits until this peer may act again.</summary>
    public Task PaceAsync() => pace.WaitAsync(end);

    public async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // Closed connections are remembered for a minute (TIME_WAIT), each with a port of this address.
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), end);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Does nothing until the end.</summary>
    public Task StayAsync() => Task.Delay(Timeout.Infinite, end);
}
