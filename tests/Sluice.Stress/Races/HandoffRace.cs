using System.Net;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>Handlers block their loops, so that these are taken from them, while they write, others flush and clients close.</summary>
internal sealed class HandoffRace : Race
{
    public override IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Unix, Wire.Tls];

    public override TimeSpan HandoffAfter => TimeSpan.FromMilliseconds(1);

    public override async Task RunAsync(Round round)
    {
        ServerSocket listener = await round.World.ListenAsync();
        EndPoint endPoint = listener.LocalEndPoint;
        int seed = round.Random.Next();
        int handlers = 0;
        Task serving = listener.ServeAsync(
            (connection, _) => HandleAsync(round, connection, new Random(seed + Interlocked.Increment(ref handlers))),
            new ServeOptions { OnError = (_, exception) => Judge(round, exception) });
        Func<Task>[] clients = [.. Enumerable.Range(0, 3).Select(_ => ClientBy(round, endPoint, round.Fork()))];
        await round.TogetherAsync(clients);
        await round.TryAsync(Allowed.None, () => listener.StopAsync(TimeSpan.FromSeconds(1)), what: "Stopping");
        await round.TryAsync(Allowed.None, () => serving, what: "Serving");
    }

    private static async Task HandleAsync(Round round, Connection connection, Random random)
    {
        byte[] buffer = new byte[2000];
        long position = 0;
        int count;
        while ((count = await connection.Input.ReadAsync(buffer)) > 0)
        {
            Pattern.Check(buffer.AsSpan(0, count), position);
            position += count;
            await connection.Output.WriteAsync(buffer.AsMemory(0, count));
            if (random.Next(8) == 0)
            {
                // Blocks the loop, with what was written not yet sent.
                Thread.Sleep(random.Next(1, 4));
            }

            if (random.Next(8) == 0)
            {
                // Sync over async: another thread has to complete it.
                connection.Output.FlushAsync().AsTask().GetAwaiter().GetResult();
            }
        }
    }

    private static Func<Task> ClientBy(Round round, EndPoint endPoint, Random random) => async () =>
    {
        StreamSocket socket = await round.World.ConnectAsync(endPoint);
        Connection connection = socket.OpenConnection();
        int count = random.Next(1, 50_000);
        bool leaves = random.Next(3) == 0;
        Task writing = round.TryAsync(leaves ? Allowed.Closed | Allowed.Peer : Allowed.None, () => WriteAsync(connection.Output, random, count), what: "A client writes");
        await round.TryAsync(Allowed.None, () => ReadAsync(connection.Input, leaves ? count / 2 : count), what: "A client reads");
        if (leaves)
        {
            connection.Abort();
        }

        await writing;
        await round.TryAsync(Allowed.None, () => connection.CloseAsync(), what: "A client closes");
    };

    private static async Task WriteAsync(ByteWriteChannel output, Random random, int count)
    {
        for (int at = 0; at < count;)
        {
            int length = Math.Min(random.Next(1, 3000), count - at);
            await output.WriteAsync(Pattern.At(at, length));
            at += length;
        }
    }

    private static async Task ReadAsync(ByteReadChannel input, int count)
    {
        byte[] bytes = new byte[count];
        await input.ReadExactlyAsync(bytes);
        Pattern.Check(bytes, 0);
    }

    private static void Judge(Round round, Exception exception)
    {
        if (exception is not (IOException or ObjectDisposedException))
        {
            round.Fault($"A handler failed: {exception}");
        }
    }
}
