using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Proxying;

/// <summary>The PROXY protocol with who invented it.</summary>
public sealed class HaproxyTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly IPEndPoint s_client = IPEndPoint.Parse("192.0.2.7:56324");
    private static readonly IPEndPoint s_somewhere = IPEndPoint.Parse("198.51.100.1:443");

    [TestCase("send-proxy", 1)]
    [TestCase("send-proxy-v2", 2)]
    [TestCase("send-proxy-v2 proxy-v2-options crc32c,unique-id,authority", 2)]
    [TestCase("send-proxy-v2 proxy-v2-options crc32c", 2)]
    public async Task Behind_haproxy_a_server_sees_the_client(string how, int version)
    {
        await using ServerSocket server = await ServeAsync();
        IPEndPoint front = FreeAddress.Take();
        await using Haproxy haproxy = await Haproxy.StartAsync(front, string.Empty, (IPEndPoint)server.LocalEndPoint, how);

        using Socket client = await Peers.ConnectAsync(front);
        await client.SendAsync("hello\n"u8.ToArray());

        string[] said = await ReadLineAsync(client);
        Assert.That(said, Is.EqualTo(new[] { $"{client.LocalEndPoint}", $"{front}", $"V{version}", $"{how.Contains("crc32c", StringComparison.Ordinal)}", "hello" }));
    }

    [TestCase(ProxyProtocolVersion.V1, false)]
    [TestCase(ProxyProtocolVersion.V2, false)]
    [TestCase(ProxyProtocolVersion.V2, true)]
    public async Task Haproxy_believes_what_a_client_of_ours_says_and_passes_it_on(ProxyProtocolVersion version, bool checksum)
    {
        await using ServerSocket server = await ServeAsync();
        IPEndPoint front = FreeAddress.Take();
        await using Haproxy haproxy = await Haproxy.StartAsync(front, "accept-proxy", (IPEndPoint)server.LocalEndPoint, "send-proxy-v2");

        StreamSocket socket = await Selector.Tcp()
            .ConnectAsync(front, options => options.ProxyHeader = new ProxyHeader(s_client, s_somewhere, version) { HasChecksum = checksum }).Soon();
        await using Connection client = socket.OpenConnection();
        await client.Output.WriteLineAsync("hello").Soon();

        string? said = await client.Input.ReadLineAsync().Soon();
        Assert.That(said, Is.EqualTo($"{s_client} {s_somewhere} V2 False hello"));
    }

    [TestCase(ProxyProtocolVersion.V1)]
    [TestCase(ProxyProtocolVersion.V2)]
    public async Task Haproxy_takes_a_connection_of_our_own_for_one(ProxyProtocolVersion version)
    {
        await using ServerSocket server = await ServeAsync();
        IPEndPoint front = FreeAddress.Take();
        await using Haproxy haproxy = await Haproxy.StartAsync(front, "accept-proxy", (IPEndPoint)server.LocalEndPoint, "send-proxy");

        StreamSocket socket = await Selector.Tcp().ConnectAsync(front, options => options.ProxyHeader = ProxyHeader.Local(version)).Soon();
        await using Connection client = socket.OpenConnection();
        await client.Output.WriteLineAsync("hello").Soon();

        string? said = await client.Input.ReadLineAsync().Soon();
        Assert.That(said, Is.EqualTo($"{socket.LocalEndPoint} {front} V1 False hello"));
    }

    [Test]
    public async Task A_health_check_of_haproxys_is_a_connection_of_its_own()
    {
        var seen = new TaskCompletionSource<(EndPoint Remote, EndPoint Transport)>();
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", configure: options =>
        {
            Trust(options);
            options.ProxyProtocol!.ServeLocalConnections = true;
        });
        Task serving = server.ServeAsync((connection, _) =>
        {
            // And not one that haproxy passes on, from the probe that looked whether it listens.
            if (connection.Socket.ProxyHeader!.IsLocal)
            {
                seen.TrySetResult((connection.Socket.RemoteEndPoint, connection.Socket.TransportRemoteEndPoint));
            }

            return Task.CompletedTask;
        });
        await using Haproxy haproxy = await Haproxy.StartAsync(FreeAddress.Take(), string.Empty, (IPEndPoint)server.LocalEndPoint, "send-proxy-v2 check inter 50");

        (EndPoint remote, EndPoint transport) = await seen.Task.Soon();

        Assert.That(remote, Is.EqualTo(transport));
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    private static void Trust(TcpListenerOptions options) => options.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("127.0.0.0/8") } };

    // Answers a line with who sent it.
    private async Task<ServerSocket> ServeAsync()
    {
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", configure: Trust);
        _ = server.ServeAsync(async (connection, token) =>
        {
            ProxyHeader header = connection.Socket.ProxyHeader!;
            if (await connection.Input.ReadLineAsync(token) is { } line)
            {
                await connection.Output.WriteLineAsync($"{connection.Socket.RemoteEndPoint} {header.Destination} {header.Version} {header.HasChecksum} {line}", token);
            }
        });
        return server;
    }

    private static async Task<string[]> ReadLineAsync(Socket socket)
    {
        using var reader = new StreamReader(new NetworkStream(socket));
        return (await reader.ReadLineAsync().Soon())!.Split(' ');
    }
}
