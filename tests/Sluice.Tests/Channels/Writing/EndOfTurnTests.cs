using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Channels.Writing;

/// <summary>What a handler writes with auto-flush while it runs leaves together when it waits, and not later than promised.</summary>
public sealed class EndOfTurnTests(SelectorEngine engine) : BothEngines(engine)
{
    private const int Lines = 16;
    private const int Rounds = 9;

    // struct tcp_info, linux/tcp.h: tcpi_data_segs_in.
    private const int DataSegmentsIn = 152;

    // A loop that is handed off sends what there is, too.
    protected override SelectorOptions Options => new() { HandoffAfter = Timeout.InfiniteTimeSpan };

    [Test]
    public async Task The_answers_to_sixteen_lines_that_came_together_leave_in_one_piece_and_in_order()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Only Linux tells in how many pieces data came.");
        }

        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(EchoLinesAsync);
        using Socket peer = await Peers.ConnectAsync(server.LocalEndPoint);
        using var stream = new NetworkStream(peer);
        string lines = string.Concat(Enumerable.Range(0, Lines).Select(i => $"line {i}\r\n"));
        byte[] answers = new byte[lines.Length];
        var pieces = new List<uint>();
        for (int i = 0; i < Rounds; i++)
        {
            uint before = SegmentsReceived(peer);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(lines));
            await stream.ReadExactlyAsync(answers).AsTask().Soon();
            Assert.That(Encoding.ASCII.GetString(answers), Is.EqualTo(lines));
            pieces.Add(SegmentsReceived(peer) - before);
        }

        // Most rounds, and not each: on the portable engine the lines may come between the handler's call and its await. The framework then resumes
        // the handler on the pool, outside a turn, and each answer of that round leaves alone.
        pieces.Sort();
        Assert.That(pieces[Rounds / 2], Is.EqualTo(1), $"Pieces a round: {string.Join(' ', pieces)}");
        await server.StopAsync(TimeSpan.Zero);
        await serving.Soon();
    }

    [Test]
    public async Task What_goes_beyond_the_high_water_mark_leaves_while_the_handler_runs()
    {
        using var received = new ManualResetEventSlim();
        bool arrived = false;
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(
            async (connection, cancellationToken) =>
            {
                byte[] block = new byte[1000];
                for (int i = 0; i <= ByteWriteChannel.HighWaterMark / block.Length; i++)
                {
                    await connection.Output.WriteAsync(block, cancellationToken);
                }

                arrived = received.Wait(Patience, cancellationToken);
            });
        using Socket peer = await Peers.ConnectAsync(server.LocalEndPoint);

        Assert.That(await peer.ReceiveAsync(new byte[1]).Soon(), Is.EqualTo(1));

        received.Set();
        await peer.ReadToEndAsync().Soon();
        Assert.That(arrived, Is.True);
        await server.StopAsync(TimeSpan.Zero);
        await serving.Soon();
    }

    private static async Task EchoLinesAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }

    private static uint SegmentsReceived(Socket socket)
    {
        byte[] info = new byte[DataSegmentsIn + sizeof(uint)];
        Assert.That(socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, optionName: 11, info), Is.EqualTo(info.Length));
        return BinaryPrimitives.ReadUInt32LittleEndian(info.AsSpan(DataSegmentsIn));
    }
}
