using System.Net.Sockets;

namespace Sluice.Faults.Attacking;

/// <summary>All attacks.</summary>
internal static class Attacks
{
    private static readonly byte[] s_line = "a line\n"u8.ToArray();
    private static readonly byte[] s_letters = CreateLetters(64 * 1024);

    public static IReadOnlyList<Attack> All { get; } =
    [
        new("read nothing of a flood", 200, ReadNothingAsync),
        new("read no reply", 200, ReadNoReplyAsync) { Rate = 2000 },
        new("write nothing", 2000, peer => WriteNothingAsync(peer, peer.LinePort)),
        new("write nothing before TLS", 1000, peer => WriteNothingAsync(peer, peer.TlsPort)),
        new("a byte a second", 1000, ByteAsync) { Rate = 1000 },
        new("open and close", 32, OpenAndCloseAsync) { Rate = 2000 },
        new("open and reset", 32, OpenAndResetAsync) { Rate = 2000 },
        new("garbage", 64, GarbageAsync) { Rate = 300 },
        new("endless lines", 64, EndlessLineAsync) { Rate = 100 },
        new("huge lengths", 64, HugeLengthAsync),
        new("urgent data", 100, UrgentAsync),
        new("half-close and stay", 1000, HalfCloseAsync),
        new("stopped by a signal", 200, ReadNothingAsync) { IsStopped = true },
    ];

    private static async Task ReadNothingAsync(AttackPeer peer)
    {
        using Socket socket = await peer.ConnectAsync(peer.FloodPort);
        await peer.StayAsync();
    }

    private static async Task ReadNoReplyAsync(AttackPeer peer)
    {
        using Socket socket = await peer.ConnectAsync(peer.LinePort);
        while (true)
        {
            await peer.PaceAsync();
            await socket.SendAsync(s_line, peer.End);
        }
    }

    private static async Task WriteNothingAsync(AttackPeer peer, int port)
    {
        using Socket socket = await peer.ConnectAsync(port);
        if (port == peer.LinePort)
        {
            await peer.StayAsync();
        }

        // The server ends it when the handshake takes too long. This one comes again.
        await socket.ReceiveAsync(new byte[1], peer.End);
        await peer.PaceAsync();
    }

    private static async Task ByteAsync(AttackPeer peer)
    {
        using Socket socket = await peer.ConnectAsync(peer.LinePort);
        while (true)
        {
            await peer.PaceAsync();
            await socket.SendAsync(s_letters.AsMemory(0, 1), peer.End);
        }
    }

    private static async Task OpenAndCloseAsync(AttackPeer peer)
    {
        await peer.PaceAsync();
        using Socket socket = await peer.ConnectAsync(peer.LinePort);
    }

    private static async Task OpenAndResetAsync(AttackPeer peer)
    {
        await peer.PaceAsync();
        using Socket socket = await peer.ConnectAsync(peer.LinePort);
        await socket.SendAsync(s_line.AsMemory(0, peer.Random.Next(s_line.Length)), peer.End);
        socket.LingerState = new LingerOption(enable: true, 0);
    }

    private static async Task GarbageAsync(AttackPeer peer)
    {
        using Socket socket = await peer.ConnectAsync((peer.Number % 3) switch { 0 => peer.LinePort, 1 => peer.TlsPort, _ => peer.FramePort });
        byte[] garbage = new byte[2000];
        while (true)
        {
            await peer.PaceAsync();
            peer.Random.NextBytes(garbage);
            await socket.SendAsync(garbage, peer.End);
        }
    }

    private static async Task EndlessLineAsync(AttackPeer peer)
    {
        using Socket socket = await peer.ConnectAsync(peer.LinePort);
        while (true)
        {
            await peer.PaceAsync();
            await socket.SendAsync(s_letters, peer.End);
        }
    }

    private static async Task HugeLengthAsync(AttackPeer peer)
    {
        await peer.PaceAsync();
        using Socket socket = await peer.ConnectAsync(peer.FramePort);
        await socket.SendAsync(new byte[] { 0x7f, 0xff, 0xff, 0xff, 1, 2, 3 }, peer.End);
        await socket.ReceiveAsync(new byte[1], peer.End);
    }

    private static async Task UrgentAsync(AttackPeer peer)
    {
        using Socket socket = await peer.ConnectAsync(peer.LinePort);
        byte[] reply = new byte[100];
        while (true)
        {
            await peer.PaceAsync();
            await socket.SendAsync(s_letters.AsMemory(0, 3), SocketFlags.OutOfBand, peer.End);
            await socket.SendAsync(s_line, peer.End);
            await socket.ReceiveAsync(reply, peer.End);
        }
    }

    private static async Task HalfCloseAsync(AttackPeer peer)
    {
        using Socket socket = await peer.ConnectAsync(peer.LinePort);
        await socket.SendAsync(s_line, peer.End);
        socket.Shutdown(SocketShutdown.Send);
        await peer.StayAsync();
    }

    private static byte[] CreateLetters(int count)
    {
        byte[] letters = new byte[count];
        letters.AsSpan().Fill((byte)'x');
        return letters;
    }
}
