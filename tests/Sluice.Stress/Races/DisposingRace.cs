using System.Net;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>
/// A manager is disposed of while its sockets read, write, accept and connect, both ends of them its own: whatever waits ends, and in the closing of its own
/// socket, not in what the peer's closing looks like.
/// </summary>
internal sealed class DisposingRace : Race
{
    public override IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Unix, Wire.Tls];

    public override async Task RunAsync(Round round)
    {
        // A world of its own: this one ends.
        var world = new World(round.World.Engine, round.World.Wire, round.Faults, round.World.Pool.Traces, HandoffAfter);
        (Connection first, Connection second) = await world.ConnectPairAsync();
        ServerSocket listener = await world.ListenAsync();
        EndPoint endPoint = listener.LocalEndPoint;
        DatagramSocket datagrams = await world.Selector.Udp().BindAsync("127.0.0.1");
        Random disposing = round.Fork();
        await round.TogetherAsync(
            () => round.TryAsync(Allowed.Closed, () => ReadAsync(first.Input), what: "Reading one end"),
            () => round.TryAsync(Allowed.Closed, () => ReadAsync(second.Input), what: "Reading the other end"),
            () => round.TryAsync(Allowed.Closed, () => WriteAsync(first.Output), what: "Writing"),
            () => round.TryAsync(Allowed.Closed, async () => (await listener.AcceptAsync()).Abort(), what: "Accepting"),
            () => round.TryAsync(
                Allowed.Closed | Allowed.Socket | Allowed.Peer | Allowed.Handshake, async () => (await world.ConnectAsync(endPoint)).Abort(), what: "Connecting"),
            () => round.TryAsync(Allowed.Closed, async () => (await datagrams.ReceiveAsync()).Dispose(), what: "Receiving a datagram"),
            () => DisposeAsync(round, world, disposing),
            () => round.TryAsync(Allowed.None, () => world.Selector.DisposeAsync(), what: "Disposing of the manager once more"));
        if (!round.IsStuck)
        {
            await round.TryAsync(Allowed.None, () => Task.WhenAll(first.Socket.Completion, second.Socket.Completion, listener.Completion), what: "Completion");
            await round.ReturnsAllAsync(world.Pool);
        }
    }

    private static Task DisposeAsync(Round round, World world, Random random)
    {
        Thread.SpinWait(random.Next(100_000));
        return random.Next(2) == 0
            ? round.TryAsync(Allowed.None, world.Selector.Dispose, "Disposing of the manager, waiting")
            : round.TryAsync(Allowed.None, () => world.Selector.DisposeAsync(), what: "Disposing of the manager");
    }

    private static async Task ReadAsync(ByteReadChannel input)
    {
        byte[] buffer = new byte[1000];
        while (await input.ReadAsync(buffer) > 0)
        {
        }

        throw new WrongBytesException("The stream has ended, and no end of it was closed by itself.");
    }

    private static async Task WriteAsync(ByteWriteChannel output)
    {
        while (true)
        {
            await output.WriteAsync(Pattern.At(0, 500));
            await output.FlushAsync();
        }
    }
}
