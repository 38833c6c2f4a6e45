using System.Net.Sockets;

namespace Sluice.Testing.Tests.Cuts;

/// <summary>A client and a server whose connection is cut at every byte: how both fail, and what stays behind.</summary>
internal abstract class CutScenario
{
    protected const string Line = "hello\n";

    /// <summary>The longest of the time limits: that of a connect.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(31);

    /// <summary>Gets the number of bytes that the client sends.</summary>
    public abstract int ClientBytes { get; }

    /// <summary>Gets the number of bytes that the server sends.</summary>
    public abstract int ServerBytes { get; }

    /// <summary>Gets how many bytes the cuts of two successive seeds are apart.</summary>
    protected virtual int Stride => 1;

    /// <summary>Gets the time limit of reads and writes.</summary>
    protected static TimeSpan SocketTimeout { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets what the handlers of the server have ended with.</summary>
    private List<Exception?> Ends { get; } = [];

    /// <summary>Runs one seed.</summary>
    public async Task RunAsync(SimulatedNetwork network)
    {
        var cut = Cut.Of(network.Seed, ClientBytes, ServerBytes, Stride);
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        SimulatedPath path = cut.OfServer ? network.Path(server, client) : network.Path(client, server);
        server.Run(ServeAsync);
        string way = "server";
        if (cut.Kind == CutKind.End)
        {
            way = "relay";
            network.AddHost(way).Run(selector => new CutRelay(selector, "server", cut).RunAsync());
        }
        else
        {
            path.CutConnectionsAfter(cut.After, silently: cut.Kind == CutKind.Silence);
        }

        Exception? failure = await client.RunAsync(async selector =>
        {
            Exception? exception = await OutcomeOfAsync(() => AskAsync(selector, way));
            Assert.That(selector.Describe().Sockets, Is.Empty, $"{cut}: the client has open sockets");
            return exception;
        });
        Assert.That(network.Time.Elapsed, Is.LessThan(s_patience), $"{cut}: the client");
        CheckClient(cut, failure);

        await network.Time.Delay(s_patience - network.Time.Elapsed);
        CheckServer(cut, Ends);
        Assert.That(server.Selector.Describe().Sockets.Select(socket => socket.Kind), Is.EqualTo(["listener"]), $"{cut}: the server");

        if (AsksAgain(network.Seed))
        {
            path.CutConnectionsAfter(null);
            await client.RunAsync(selector => AskAsync(selector, "server"));
        }
    }

    /// <summary>Counts the bytes of an exchange that is not cut.</summary>
    public static async Task<(int OfClient, int OfServer)> CountAsync(Func<CutScenario> create)
    {
        (int OfClient, int OfServer) counted = default;
        await Simulation.RunSeedAsync(
            1,
            async network =>
            {
                CutScenario scenario = create();
                network.AddHost("server").Run(scenario.ServeAsync);
                SimulatedHost relay = network.AddHost("relay");
                var counter = new CutRelay(relay.Selector, "server", null);
                relay.Run(_ => counter.RunAsync());
                await network.AddHost("client").RunAsync(selector => scenario.AskAsync(selector, "relay"));
                await network.Time.Delay(s_patience);
                counted = ((int)counter.FromClient, (int)counter.FromServer);
            },
            new SimulationOptions { ChecksDeterminism = false });
        return counted;
    }

    /// <summary>Serves connections, until the host stops.</summary>
    protected abstract Task ServeAsync(SelectorManager selector);

    /// <summary>Connects, sends <see cref="Line"/>, and receives it.</summary>
    protected abstract Task AskAsync(SelectorManager selector, string host);

    /// <summary>Returns whether the server has to answer another client after the cut.</summary>
    protected virtual bool AsksAgain(ulong seed) => true;

    /// <summary>Checks what the client has ended with.</summary>
    protected virtual void CheckClient(Cut cut, Exception? failure) => CheckKind(cut, failure);

    /// <summary>Checks what the handlers of the server have ended with.</summary>
    protected virtual void CheckServer(Cut cut, IReadOnlyList<Exception?> ends)
    {
        Assert.That(ends, Has.Count.EqualTo(1), $"{cut}: handlers");
        CheckKind(cut, ends[0]);
    }

    protected static void CheckKind(Cut cut, Exception? failure)
    {
        bool fits = cut.Kind switch
        {
            CutKind.Reset => failure is SocketException or IOException
                && (failure as SocketException ?? failure.InnerException) is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown },
            CutKind.Silence => failure is TimeoutException or IOException { InnerException: TimeoutException },
            _ => failure is EndOfStreamException or ProxyException { SocketErrorCode: SocketError.ConnectionAborted },
        };
        Assert.That(fits, Is.True, () => $"{cut}: {failure}");
    }

    /// <summary>Runs the handler of a connection, and keeps what it has ended with.</summary>
    protected async Task HandleAsync(Func<Task> handler) => Ends.Add(await OutcomeOfAsync(handler));

    /// <summary>Sends back a line, and waits for the end of the connection.</summary>
    protected static async Task EchoAsync(Connection connection)
    {
        await connection.Output.WriteAsync(await connection.Input.ReadExactlyAsync(Line.Length));
        await connection.Input.ReadByteAsync();
    }

    /// <summary>Sends <see cref="Line"/>, and receives it.</summary>
    protected static async Task AskAsync(Connection connection)
    {
        await connection.Output.WriteStringAsync(Line);
        byte[] answer = await connection.Input.ReadExactlyAsync(Line.Length);
        Assert.That(System.Text.Encoding.UTF8.GetString(answer), Is.EqualTo(Line));
    }

    private static async Task<Exception?> OutcomeOfAsync(Func<Task> code)
    {
        try
        {
            await code();
            return null;
        }
        catch (Exception exception) when (exception is not AssertionException)
        {
            return exception;
        }
    }
}
