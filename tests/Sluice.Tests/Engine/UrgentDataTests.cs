using System.Net.Sockets;

namespace Sluice.Tests.Engine;

/// <summary>
/// Urgent data among ordinary data (tcp(7)): every ordinary byte arrives, in order, and the end is the end. The urgent bytes themselves may
/// arrive among them: one that another has overtaken is ordinary to the kernel.
/// </summary>
[Parallelizable(ParallelScope.All)]
public sealed class UrgentDataTests(SelectorEngine engine) : BothEngines(engine)
{
    private const byte Urgent = 0xff;
    private const int Piece = 1_000_000;
    private const int Period = 251;

    // The ordinary bytes from any place on: they begin again after a period.
    private static readonly byte[] s_ordinary = [.. Enumerable.Range(0, Piece + Period).Select(i => (byte)(i % Period))];

    private static readonly int[][] s_layouts =
    [
        [0, 50_000],
        [50_000, 0],
        [4 * Piece, 50_000],
        [4 * Piece, 0],
        [3 * Piece, 3 * Piece, 3 * Piece, 3 * Piece],
        [3 * Piece, 1, 1, 3 * Piece, 0, 0, 3 * Piece],
        [70_000, 70_000, 70_000, 70_000, 70_000, 70_000, 70_000, 70_000, 70_000, 70_000],
    ];

    public enum Way
    {
        Read,
        Copy,
        CopyToStream,
        CopyAndComplete,
    }

    [Test]
    public async Task Every_byte_around_urgent_data_arrives(
        [ValueSource(nameof(s_layouts))] int[] layout, [Values] Way way, [Values] bool inline, [Values] bool ends)
    {
        (StreamSocket from, Socket sender) = await Peers.PairAsync(Selector, inline ? SetInline : null);
        (StreamSocket to, Socket receiver) = await Peers.PairAsync(Selector);
        await CheckPassingAsync(way, from, to, sender, receiver, layout, ends);
    }

    [Test]
    public async Task Connections_that_are_joined_pass_every_byte_around_urgent_data_both_ways([ValueSource(nameof(s_layouts))] int[] layout)
    {
        (StreamSocket one, Socket first) = await Peers.PairAsync(Selector);
        (StreamSocket two, Socket second) = await Peers.PairAsync(Selector);
        using Socket closing = first;
        using Socket closingToo = second;
        await using Connection a = one.OpenConnection();
        await using Connection b = two.OpenConnection();
        Task joining = a.JoinAsync(b).AsTask();
        Task sending = Task.WhenAll(Task.Run(() => Send(first, layout, ends: true)), Task.Run(() => Send(second, layout, ends: true)));

        await Task.WhenAll(CheckAsync(first, layout.Sum()), CheckAsync(second, layout.Sum()));

        await sending.Soon();
        await Task.WhenAll(CheckEndAsync(first), CheckEndAsync(second));
        await joining.Soon();
    }

    [Test]
    [Platform("Linux")]
    public async Task Urgent_data_of_unix_sockets_is_passed_by_too([ValueSource(nameof(s_layouts))] int[] layout, [Values] Way way)
    {
        using var folder = new UnixFolder();
        await using ServerSocket server = await Selector.Unix().BindAsync(folder["s"]).Soon();
        (StreamSocket from, Socket sender) = await UnixPairAsync(server, folder["s"]);
        (StreamSocket to, Socket receiver) = await UnixPairAsync(server, folder["s"]);
        await CheckPassingAsync(way, from, to, sender, receiver, layout, ends: true);
    }

    private static async Task CheckPassingAsync(
        Way way, StreamSocket from, StreamSocket to, Socket sender, Socket receiver, int[] layout, bool ends)
    {
        using Socket both = sender;
        using Socket closing = receiver;
        await using (from)
        await using (to)
        {
            ByteWriteChannel output = to.OpenWriteChannel(autoFlush: true);
            Task passing = PassAsync(way, from.OpenReadChannel(), output);
            Task sending = Task.Run(() => Send(sender, layout, ends));

            await CheckAsync(receiver, layout.Sum());

            await sending.Soon();
            if (ends)
            {
                await passing.Soon();
                await output.CompleteAsync().Soon();
                await CheckEndAsync(receiver);
            }
            else
            {
                Assert.That(passing.IsCompleted, Is.False, "The peer has not ended.");
            }
        }
    }

    private static void SetInline(StreamSocketOptions options)
    {
        // SO_OOBINLINE, asm-generic/socket.h and sys/socket.h, ws2def.h.
        if (OperatingSystem.IsLinux())
        {
            options.SetRaw(1, 10, BitConverter.GetBytes(1));
        }
        else
        {
            options.SetRaw(0xffff, 0x100, BitConverter.GetBytes(1));
        }
    }

    private static async Task<(StreamSocket Ours, Socket Peer)> UnixPairAsync(ServerSocket server, string path)
    {
        var peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await peer.ConnectAsync(new UnixDomainSocketEndPoint(path)).Soon();
        return (await server.AcceptAsync().Soon(), peer);
    }

    private static async Task PassAsync(Way way, ByteReadChannel input, ByteWriteChannel output)
    {
        switch (way)
        {
            case Way.Copy:
                await input.CopyToAsync(output);
                return;
            case Way.CopyToStream:
                await input.CopyToAsync(output.AsStream());
                await output.FlushAsync();
                return;
            case Way.CopyAndComplete:
                await input.CopyAndCompleteAsync(output);
                return;
            default:
                byte[] buffer = new byte[200_000];
                while (await input.ReadAsync(buffer) is > 0 and var read)
                {
                    await output.WriteAsync(buffer.AsMemory(0, read));
                    await output.FlushAsync();
                }

                return;
        }
    }

    // An urgent byte after each run of ordinary ones but the last.
    private static void Send(Socket socket, int[] layout, bool ends)
    {
        long sent = 0;
        for (int i = 0; i < layout.Length; i++)
        {
            if (i > 0)
            {
                socket.Send([Urgent], SocketFlags.OutOfBand);
            }

            for (int left = layout[i]; left > 0;)
            {
                ReadOnlySpan<byte> piece = Ordinary(sent, Math.Min(left, Piece));
                socket.Send(piece);
                sent += piece.Length;
                left -= piece.Length;
            }
        }

        if (ends)
        {
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    private static ReadOnlySpan<byte> Ordinary(long position, int count) => s_ordinary.AsSpan((int)(position % Period), count);

    private static async Task CheckAsync(Socket socket, long count)
    {
        byte[] buffer = new byte[256 * 1024];
        for (long got = 0; got < count;)
        {
            int received = await socket.ReceiveAsync(buffer).Soon();
            Assert.That(received, Is.Positive, $"It ended at {got} of {count}.");
            got += CheckOrdinary(buffer.AsSpan(0, received), got);
        }
    }

    // How many of the bytes are ordinary.
    private static int CheckOrdinary(ReadOnlySpan<byte> bytes, long from)
    {
        int ordinary = 0;
        while (!bytes.IsEmpty)
        {
            int same = bytes.CommonPrefixLength(Ordinary(from + ordinary, bytes.Length));
            ordinary += same;
            bytes = bytes[same..];
            if (!bytes.IsEmpty && bytes[0] != Urgent)
            {
                Assert.Fail($"Byte {from + ordinary} is wrong.");
            }

            bytes = bytes.IsEmpty ? bytes : bytes[1..];
        }

        return ordinary;
    }

    private static async Task CheckEndAsync(Socket socket)
    {
        byte[] buffer = new byte[16];
        while (await socket.ReceiveAsync(buffer).Soon() is > 0 and var received)
        {
            Assert.That(buffer[..received], Is.All.EqualTo(Urgent));
        }
    }
}
