using System.Net;
using System.Net.Sockets;
using Sluice.Tests.Diagnostics;

namespace Sluice.Tests.Serving;

/// <summary>Hand-overs that a disposal meets half-way, and many in one process.</summary>
[Platform("Linux")]
public sealed class HandOverRaceTests(SelectorEngine engine) : BothEngines(engine)
{
    private readonly UnixFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_listener_goes_from_hand_to_hand_in_one_process_and_accepts_in_each([Values] bool unix)
    {
        ServerSocket server = unix ? await Selector.Unix().BindAsync(_folder["s"]).Soon() : await Selector.Tcp().BindAsync("127.0.0.1").Soon();
        EndPoint endPoint = unix ? new UnixDomainSocketEndPoint(_folder["s"]) : server.LocalEndPoint;
        for (int i = 0; i < 20; i++)
        {
            using var client = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(endPoint);
            await using (StreamSocket accepted = await server.AcceptAsync().Soon($"accept {i}"))
            {
                await accepted.OpenConnection().Output.WriteLineAsync("here").Soon();
            }

            Assert.That(await client.EndAsync().Soon(), Is.EqualTo(SocketError.Success), "no connection inherits a reset");

            // An accept under way is what a hand-over has to end.
            using var stop = new CancellationTokenSource();
            ValueTask<StreamSocket> accepting = server.AcceptAsync(stop.Token);
            await stop.CancelAsync();
            Assert.That(await accepting.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
            (StreamSocket here, StreamSocket there) = await Selector.Unix().CreatePairAsync().Soon();
            Task handing = server.HandOverAsync(here);
            server = await Selector.TakeOverAsync(there).Soon($"take over {i}");
            await handing.Soon($"hand over {i}");
        }

        await server.DisposeAsync();
    }

    [Test]
    public async Task A_connection_that_a_hand_over_accepts_during_a_disposal_is_closed()
    {
        ServerSocket? server = null;
        using var meter = new HookedMeter(() => server!.DisposeAsync().AsTask().Wait(), "sluice.accepted_connections");
        await using SelectorManager selector = CreateManager(new SelectorOptions { MeterFactory = meter });
        server = await selector.Tcp().BindAsync("127.0.0.1").Soon();
        using Socket client = await ConnectUnacceptedAsync(server);
        (StreamSocket here, StreamSocket there) = await Selector.Unix().CreatePairAsync().Soon();

        Task handing = server.HandOverAsync(here);
        await using ServerSocket fresh = await Selector.TakeOverAsync(there).Soon();
        await handing.Soon();

        // Of two listeners of the same queue, either may have accepted it.
        await fresh.DisposeAsync();
        await client.EndAsync().Soon();
    }

    // A client that the portable engine has accepted for a caller that has given up.
    private static async Task<Socket> ConnectUnacceptedAsync(ServerSocket server)
    {
        using var stop = new CancellationTokenSource();
        ValueTask<StreamSocket> accepting = server.AcceptAsync(stop.Token);
        await stop.CancelAsync();
        Assert.That(await accepting.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await Waiting.PauseAsync(TimeSpan.FromMilliseconds(100));
        return client;
    }
}
