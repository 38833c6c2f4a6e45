using System.Net;
using System.Net.Sockets;

namespace Sluice.Snippets;

internal static class ConnectingSnippets
{
    public static async Task<string?> ClientAsync(SelectorManager selector, CancellationToken token)
    {
        // <client>
        await using StreamSocket socket = await selector.Tcp().ConnectAsync("127.0.0.1", 2323, cancellationToken: token);
        Connection connection = socket.OpenConnection();

        await connection.Output.WriteLineAsync("hello", token);             // no flush is needed
        string? answer = await connection.Input.ReadLineAsync(token);       // null if the server has closed the connection
        // </client>
        return answer;
    }

    public static async Task<string?> TimeoutsAsync(SelectorManager selector, CancellationToken token)
    {
        // <client-timeouts>
        await using StreamSocket socket = await selector.Tcp().ConnectAsync("127.0.0.1", 2323, options =>
        {
            options.ConnectTimeout = TimeSpan.FromSeconds(5);
            options.SocketTimeout = TimeSpan.FromSeconds(30);               // each read and write that has to wait
        }, token);
        Connection connection = socket.OpenConnection();

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(token);
        timeout.CancelAfter(TimeSpan.FromSeconds(2));                       // this answer
        string? answer = await connection.Input.ReadLineAsync(timeout.Token);
        // </client-timeouts>
        return answer;
    }

    public static async Task NamesAsync(SelectorManager selector, CancellationToken token)
    {
        // <connect-name>
        await using StreamSocket socket = await selector.Tcp().ConnectAsync("example.com", 443, options =>
        {
            options.ConnectTimeout = TimeSpan.FromSeconds(5);                        // for name lookup, attempts and proxies; 30 s by default
            options.ConnectionAttemptDelay = TimeSpan.FromMilliseconds(100);         // 250 ms by default
            options.LocalEndPoint = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0); // any by default
        }, token);
        // </connect-name>
    }

    public static async Task StreamsAsync(SelectorManager selector, CancellationToken token)
    {
        // <connect-stream>
        await using Stream stream = await selector.Tcp().ConnectStreamAsync("db.example.com", 5432, cancellationToken: token);

        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (context, cancellationToken) => selector.Tcp().ConnectStreamAsync(context.DnsEndPoint, cancellationToken: cancellationToken),
        });
        // </connect-stream>
    }

    public static async Task ErrorsAsync(SelectorManager selector, CancellationToken token)
    {
        // <connect-errors>
        try
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("example.com", 443, cancellationToken: token);
        }
        catch (ConnectException exception)
        {
            foreach (ConnectAttempt attempt in exception.Attempts)
            {
                Console.WriteLine($"{attempt.EndPoint}: {attempt.Error.SocketErrorCode}");
            }
        }
        catch (SocketException exception)
        {
            Console.WriteLine(exception.Message);                                    // a single address failed, or HostNotFound
        }
        catch (TimeoutException exception)
        {
            Console.WriteLine(exception.Message);
        }

        // </connect-errors>
    }

    // <connect-resolver>
    internal sealed class Pinned(INameResolver others) : INameResolver
    {
        public ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, AddressFamily family, CancellationToken cancellationToken) =>
            host == "db.internal" ? new([IPAddress.Parse("192.0.2.10")]) : others.ResolveAsync(host, family, cancellationToken);
    }

    // </connect-resolver>
    public static SelectorManager WithResolver(INameResolver others)
    {
        // <connect-resolver-use>
        var selector = new SelectorManager(new SelectorOptions { NameResolver = new Pinned(others) });
        // </connect-resolver-use>
        return selector;
    }

    public static async Task ProxiesAsync(SelectorManager selector, CancellationToken token)
    {
        // <connect-proxy>
        ProxyConnector socks = selector.Tcp().ViaSocks5("proxy.internal", 1080, new NetworkCredential("user", "secret"));
        await using StreamSocket first = await socks.ConnectAsync("example.com", 443, cancellationToken: token);

        ProxyConnector both = selector.Tcp().ViaHttpConnect("gateway.internal", 3128)
            .ViaSocks5(new DnsEndPoint("proxy.internal", 1080));                     // the gateway resolves this name
        await using StreamSocket second = await both.ConnectAsync("example.com", 443, cancellationToken: token);
        // </connect-proxy>
    }

    public static async Task ReadHeaderAsync(SelectorManager selector, CancellationToken token)
    {
        // <proxy-protocol-read>
        await using ServerSocket server = await selector.Tcp().BindAsync("0.0.0.0", 8080, options =>
        {
            options.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("10.0.0.0/8") } };
        }, token);

        await server.ServeAsync(async (connection, cancellationToken) =>
        {
            EndPoint client = connection.Socket.RemoteEndPoint;                      // the client, according to the header
            EndPoint proxy = connection.Socket.TransportRemoteEndPoint;
            await connection.Output.WriteLineAsync($"{client} through {proxy}", cancellationToken);
        }, cancellationToken: token);
        // </proxy-protocol-read>
    }

    public static async Task WriteHeaderAsync(SelectorManager selector, StreamSocket client, EndPoint backend, CancellationToken token)
    {
        // <proxy-protocol-write>
        await using StreamSocket server = await selector.Tcp().ConnectAsync(backend, options =>
        {
            options.ProxyHeader = new ProxyHeader(client.RemoteEndPoint, client.LocalEndPoint, ProxyProtocolVersion.V1);
        }, token);
        // </proxy-protocol-write>
    }
}
