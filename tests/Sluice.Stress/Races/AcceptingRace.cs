using System.Net;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>A listener is closed while it accepts, while accepts are cancelled, and while clients connect: plain, under TLS, and behind a proxy.</summary>
internal sealed class AcceptingRace : Race
{
    public override IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Unix, Wire.Tls];

    public override async Task RunAsync(Round round)
    {
        bool proxied = round.World.Wire == Wire.Tcp && round.Random.Next(2) == 0;
        ServerSocket listener = proxied ? await ListenBehindProxyAsync(round.World) : await round.World.ListenAsync();
        EndPoint endPoint = listener.LocalEndPoint;
        using var cancelling = new CancellationTokenSource();
        int clients = round.Random.Next(1, 4);
        Random closing = round.Fork();
        await round.TogetherAsync([
            () => AcceptAsync(round, listener, cancelling),
            () => CloseAsync(round, listener, closing, cancelling),
            .. Enumerable.Range(0, clients).Select(_ => ConnectingBy(round, endPoint, proxied, round.Fork())),
        ]);
        await listener.DisposeAsync();
    }

    private static async Task AcceptAsync(Round round, ServerSocket listener, CancellationTokenSource cancelling)
    {
        bool goesOn = true;
        while (goesOn)
        {
            goesOn = false;
            await round.TryAsync(
                Allowed.Closed | Allowed.Canceled,
                async () =>
                {
                    StreamSocket accepted = await listener.AcceptAsync(cancelling.Token);
                    goesOn = true;
                    accepted.Abort();
                },
                cancelling.Token,
                "Accepting");
        }
    }

    private static async Task CloseAsync(Round round, ServerSocket listener, Random random, CancellationTokenSource cancelling)
    {
        Thread.SpinWait(random.Next(50_000));
        switch (random.Next(3))
        {
            case 0:
                await round.TryAsync(Allowed.None, cancelling.Cancel, "Cancelling an accept");
                break;
            case 1:
                await round.TryAsync(Allowed.None, () => listener.StopAsync(TimeSpan.Zero), what: "Stopping a listener");
                break;
        }

        await round.TryAsync(Allowed.None, () => listener.DisposeAsync(), what: "Closing a listener");
        await round.TryAsync(Allowed.None, () => listener.Completion, what: "The listener's completion");
    }

    private static Func<Task> ConnectingBy(Round round, EndPoint endPoint, bool proxied, Random random) => async () =>
    {
        StreamSocket? client = null;
        await round.TryAsync(
            Allowed.Socket | Allowed.Peer | Allowed.Handshake, async () => client = await round.World.ConnectAsync(endPoint), what: "Connecting");
        if (client is null)
        {
            return;
        }

        ByteWriteChannel output = client.OpenWriteChannel(autoFlush: true);
        if (proxied && random.Next(3) > 0)
        {
            await round.TryAsync(
                Allowed.Peer, () => output.WriteStringAsync("PROXY TCP4 192.0.2.1 192.0.2.2 1111 2222\r\nhello"), what: "Writing a header");
        }

        Thread.SpinWait(random.Next(10_000));
        client.Abort();
    };

    private static async Task<ServerSocket> ListenBehindProxyAsync(World world) => await world.Selector.Tcp().BindAsync("127.0.0.1", 0, options =>
    {
        World.Configure(options.Accepted);
        options.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("127.0.0.0/8") } };
    });
}
