using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;

namespace Sluice.AspNetCore.Tests;

/// <summary>Bytes that arrive while the application is busy: on the portable engine a pump reads ahead of it, and runs it when it waits.</summary>
public sealed class ReadAheadTests(SelectorEngine engine) : KestrelFixture(engine)
{
    [Test]
    public async Task A_handler_that_blocks_hears_of_a_peer_that_leaves()
    {
        var heard = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        WebApplication server = await StartAsync(_ => { }, listen => listen.Run(async connection =>
        {
            ReadResult read = await connection.Transport.Input.ReadAsync();
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            await connection.Transport.Output.WriteAsync("blocks"u8.ToArray());
            using var gone = new ManualResetEventSlim();
            await using CancellationTokenRegistration registration = connection.ConnectionClosed.Register(gone.Set);
            heard.SetResult(gone.Wait(Waiting.Patience));
        }));
        using var client = new TcpClient();
        await client.ConnectAsync(EndPointOf(server)).Soon();
        await client.GetStream().WriteAsync("go"u8.ToArray());
        await client.GetStream().ReadExactlyAsync(new byte[6]).AsTask().Soon();

        client.Client.LingerState = new LingerOption(true, 0);
        client.Close();

        Assert.That(await heard.Task.Soon(), Is.True);
    }

    [TestCase(1)]
    [TestCase(1000)]
    [TestCase(null)]
    public async Task Whatever_the_limit_every_byte_arrives_in_order(int? limit)
    {
        const int messages = 2000;
        WebApplication server = await StartAsync(_ => { }, listen => listen.Run(EchoAsync), transport => transport.MaxReadBufferSize = limit);
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(EndPointOf(server)).Soon();
        NetworkStream stream = client.GetStream();
        byte[] sent = new byte[3000];
        new Random(17).NextBytes(sent);
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < messages; i++)
            {
                await stream.WriteAsync(sent.AsMemory(0, Length(i)));
                if (i % 50 == 0)
                {
                    await Task.Yield();
                }
            }
        });

        byte[] received = new byte[3000];
        for (int i = 0; i < messages; i++)
        {
            await stream.ReadExactlyAsync(received.AsMemory(0, Length(i))).AsTask().Soon();
            Assert.That(received.AsSpan(0, Length(i)).SequenceEqual(sent.AsSpan(0, Length(i))), Is.True, $"message {i}");
        }

        await sending.Soon();
        client.Client.Shutdown(SocketShutdown.Send);
        Assert.That(await stream.ReadAsync(received).AsTask().Soon(), Is.Zero);
    }

    private static int Length(int message) => 1 + (message * 7919 % 3000);

    private static async Task EchoAsync(ConnectionContext connection)
    {
        while (true)
        {
            ReadResult read = await connection.Transport.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                connection.Transport.Output.Write(segment.Span);
            }

            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            await connection.Transport.Output.FlushAsync();
            if (read.IsCompleted)
            {
                return;
            }
        }
    }
}
