using System.Collections.Concurrent;
using Sluice.Client;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>Callers send over a connection that reconnects, while its connections are reset and it is disposed of.</summary>
internal sealed class ReconnectingRace : Race
{
    public override IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Unix];

    public override async Task RunAsync(Round round)
    {
        await using ServerSocket listener = await round.World.ListenAsync();
        var accepted = new ConcurrentQueue<Connection>();
        Task serving = listener.ServeAsync((connection, token) => EchoAsync(connection, accepted, token));
        ReconnectingConnection<RequestChannel<string, string>> connection = ReconnectingConnection.Create(
            async (endPoint, token) => (await round.World.ConnectAsync(endPoint, token)).OpenConnection(),
            [listener.LocalEndPoint],
            (opened, _) => ValueTask.FromResult(RequestChannel.Create(opened, FrameEncoder.Lines("\n"), FrameDecoder.Lines())),
            new ReconnectOptions<RequestChannel<string, string>>
            {
                MinDelay = TimeSpan.FromMilliseconds(1),
                MaxDelay = TimeSpan.FromMilliseconds(3),
                StableAfter = TimeSpan.FromMilliseconds(1),
            });
        Random ending = round.Fork();
        await round.TogetherAsync([
            .. Enumerable.Range(0, 3).Select(caller => CallingBy(round, connection, caller, round.Fork())),
            async () =>
            {
                for (int i = ending.Next(6); i > 0; i--)
                {
                    Thread.SpinWait(ending.Next(300_000));
                    await Task.Delay(ending.Next(2));
                    if (accepted.TryDequeue(out Connection? one))
                    {
                        one.Abort();
                    }
                }

                await round.TryAsync(Allowed.None, () => connection.DisposeAsync(), what: "Disposing of a connection that reconnects");
            },
        ]);
        if (connection.State != ReconnectState.Closed || connection.Current is not null)
        {
            round.Fault($"The state after the disposal is {connection.State}.");
        }

        await round.TryAsync(Allowed.None, () => listener.StopAsync(TimeSpan.Zero), what: "Stopping a listener");
        await round.TryAsync(Allowed.None, () => serving, what: "Serving");
    }

    private static Func<Task> CallingBy(Round round, ReconnectingConnection<RequestChannel<string, string>> connection, int caller, Random random) => async () =>
    {
        for (int i = 0; i < 50 && connection.State != ReconnectState.Closed; i++)
        {
            string text = $"{caller}.{i}";
            using var cancelling = new CancellationTokenSource();
            ValueTask<string> sending = connection.SendAsync(
                text, random.Next(4) == 0 ? WhenDisconnected.Fail : WhenDisconnected.Wait, cancelling.Token);
            if (random.Next(5) == 0)
            {
                Thread.SpinWait(random.Next(3_000));
                await cancelling.CancelAsync();
            }

            await round.TryAsync(
                Allowed.Peer | Allowed.Canceled,
                async () =>
                {
                    string reply = await sending.ConfigureAwait(false);
                    if (reply != text)
                    {
                        round.Fault($"'{text}' got the reply '{reply}'.");
                    }
                },
                cancelling.Token,
                "A request");
        }
    };

    private static async Task EchoAsync(Connection connection, ConcurrentQueue<Connection> accepted, CancellationToken cancellationToken)
    {
        accepted.Enqueue(connection);
        while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
        {
            await connection.Output.WriteStringAsync(line + "\n", cancellationToken);
        }
    }
}
