using System.Net;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>Connects are cancelled, their listener closes, and their manager goes, while they complete.</summary>
internal sealed class ConnectingRace : Race
{
    public override IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Unix, Wire.Tls];

    public override async Task RunAsync(Round round)
    {
        bool disposes = round.Random.Next(4) == 0;
        World world = disposes
            ? new World(round.World.Engine, round.World.Wire, round.Faults, round.World.Pool.Traces)
            : round.World;
        ServerSocket listener = await round.World.ListenAsync();
        EndPoint endPoint = listener.LocalEndPoint;
        using var cancelling = new CancellationTokenSource();
        Random ending = round.Fork();
        await round.TogetherAsync(
            () => AcceptAsync(round, listener),
            () => ConnectAsync(round, world, endPoint, disposes, cancelling.Token),
            () => ConnectAsync(round, world, endPoint, disposes, cancelling.Token),
            async () =>
            {
                Thread.SpinWait(ending.Next(100_000));
                await (ending.Next(3) switch
                {
                    0 => round.TryAsync(Allowed.None, () => listener.DisposeAsync(), what: "Closing the listener"),
                    1 when disposes => round.TryAsync(Allowed.None, () => world.DisposeAsync(), what: "Disposing of the manager"),
                    _ => round.TryAsync(Allowed.None, cancelling.Cancel, "Cancelling"),
                });
                await Task.Delay(2);
                await listener.DisposeAsync();
            });
        if (disposes)
        {
            await round.TryAsync(Allowed.None, () => world.DisposeAsync(), what: "Disposing of the manager at last");
            await round.ReturnsAllAsync(world.Pool);
        }
    }

    private static async Task ConnectAsync(Round round, World world, EndPoint endPoint, bool disposes, CancellationToken cancellationToken)
    {
        StreamSocket? socket = null;
        await round.TryAsync(
            Allowed.Canceled | Allowed.Socket | Allowed.Peer | Allowed.Handshake | (disposes ? Allowed.Closed : 0),
            async () => socket = await world.ConnectAsync(endPoint, cancellationToken),
            cancellationToken,
            "Connecting");
        socket?.Abort();
    }

    private static Task AcceptAsync(Round round, ServerSocket listener) => round.TryAsync(
        Allowed.None,
        async () =>
        {
            await foreach (StreamSocket accepted in listener.AcceptAllAsync())
            {
                accepted.Abort();
            }
        },
        what: "Accepting");
}
