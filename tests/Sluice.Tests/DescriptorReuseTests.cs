using System.Buffers.Binary;

namespace Sluice.Tests;

/// <summary>Descriptors are used again at once; nothing meant for one connection may reach the next.</summary>
public sealed class DescriptorReuseTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task No_byte_and_no_event_reaches_the_wrong_connection()
    {
        const int threads = 4;
        const int each = 400;
        long wrong = 0;
        long answered = 0;
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            byte[] message = new byte[8];
            long id = 0;
            try
            {
                while (true)
                {
                    await connection.Input.ReadExactlyAsync(message, token);
                    long read = BinaryPrimitives.ReadInt64LittleEndian(message);
                    wrong += id != 0 && id != read ? 1 : 0;
                    id = read;
                    await connection.Output.WriteAsync(message, token);
                }
            }
            catch (Exception exception) when (exception is EndOfStreamException or IOException)
            {
                // The client has left, in the way it likes.
            }
        });

        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Factory.StartNew(
            () => RunAsync(thread),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap())).Soon();
        await server.StopAsync(Patience).Soon();
        await serving.Soon();

        Assert.That(Interlocked.Read(ref wrong), Is.Zero);
        Assert.That(answered, Is.GreaterThan(threads * each / 2));

        async Task RunAsync(int thread)
        {
            byte[] message = new byte[8];
            byte[] answer = new byte[8];
            for (int i = 0; i < each; i++)
            {
                long id = ((long)(thread + 1) << 32) | (uint)(i + 1);
                StreamSocket socket = await Selector.Tcp().ConnectAsync(server.LocalEndPoint);
                Connection connection = socket.OpenConnection();
                BinaryPrimitives.WriteInt64LittleEndian(message, id);
                for (int repeat = 0; repeat <= i % 4; repeat++)
                {
                    await connection.Output.WriteAsync(message);
                }

                if (i % 4 != 3)
                {
                    for (int repeat = 0; repeat <= i % 2; repeat++)
                    {
                        await connection.Input.ReadExactlyAsync(answer);
                        if (BinaryPrimitives.ReadInt64LittleEndian(answer) != id)
                        {
                            Interlocked.Increment(ref wrong);
                        }

                        Interlocked.Increment(ref answered);
                    }
                }

                // With answers and events still on their way, in any of the ways there are.
                switch (i % 3)
                {
                    case 0:
                        socket.Abort();
                        break;
                    case 1:
                        _ = socket.CloseAsync().AsTask();
                        break;
                    default:
                        _ = connection.Input.ReadAsync(answer).AsTask().OutcomeAsync();
                        socket.Abort();
                        break;
                }
            }
        }
    }
}
