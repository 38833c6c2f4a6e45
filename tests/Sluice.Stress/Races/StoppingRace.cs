using System.Net;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>A server stops, in all its ways and twice at once, while connections arrive and are served.</summary>
internal sealed class StoppingRace : Race
{
    public override IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Unix, Wire.Tls];

    public override async Task RunAsync(Round round)
    {
        ServerSocket listener = await round.World.ListenAsync();
        EndPoint endPoint = listener.LocalEndPoint;
        using var stopping = new CancellationTokenSource();
        int handling = 0;
        Task serving = listener.ServeAsync(
            async (connection, token) =>
            {
                Interlocked.Increment(ref handling);
                try
                {
                    byte[] buffer = new byte[1000];
                    int count;
                    while ((count = await connection.Input.ReadAsync(buffer, token)) > 0)
                    {
                        await connection.Output.WriteAsync(buffer.AsMemory(0, count), token);
                    }
                }
                finally
                {
                    Interlocked.Decrement(ref handling);
                }
            },
            new ServeOptions { Grace = TimeSpan.FromMilliseconds(round.Random.Next(5)) },
            stopping.Token);
        Func<Task>[] clients = [.. Enumerable.Range(0, 3).Select(_ => ClientBy(round, endPoint, round.Fork()))];
        Random first = round.Fork(), second = round.Fork();
        await round.TogetherAsync([() => StopAsync(round, listener, stopping, first), () => StopAsync(round, listener, stopping, second), .. clients]);
        await round.TryAsync(Allowed.None, () => listener.StopAsync(TimeSpan.Zero), what: "Stopping at last");
        await round.TryAsync(Allowed.None, () => serving, what: "Serving");
        if (serving.IsCompleted && Volatile.Read(ref handling) != 0)
        {
            round.Fault("Serving has ended and a handler has not.");
        }
    }

    private static async Task StopAsync(Round round, ServerSocket listener, CancellationTokenSource stopping, Random random)
    {
        Thread.SpinWait(random.Next(200_000));
        switch (random.Next(3))
        {
            case 0:
                await round.TryAsync(Allowed.None, stopping.Cancel, "Cancelling");
                break;
            case 1:
                await round.TryAsync(Allowed.None, () => listener.StopAsync(TimeSpan.FromMilliseconds(random.Next(5))), what: "Stopping");
                break;
            default:
                await round.TryAsync(Allowed.None, () => listener.DisposeAsync(), what: "Closing the listener");
                break;
        }
    }

    private static Func<Task> ClientBy(Round round, EndPoint endPoint, Random random) => async () =>
    {
        for (int i = 0; i < 3; i++)
        {
            StreamSocket? socket = null;
            await round.TryAsync(
                Allowed.Socket | Allowed.Peer | Allowed.Handshake, async () => socket = await round.World.ConnectAsync(endPoint), what: "A client connects");
            if (socket is null)
            {
                return;
            }

            Connection connection = socket.OpenConnection();
            await round.TryAsync(Allowed.Peer, () => EchoAsync(connection, random), what: "A client");
            connection.Abort();
        }
    };

    private static async Task EchoAsync(Connection connection, Random random)
    {
        int count = random.Next(1, 5000);
        await connection.Output.WriteAsync(Pattern.At(0, count));
        byte[] buffer = new byte[count];
        int length = await connection.Input.ReadAtLeastAsync(buffer, count);
        Pattern.Check(buffer.AsSpan(0, length), 0);
    }
}
