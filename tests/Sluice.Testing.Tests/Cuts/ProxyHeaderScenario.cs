using System.Net;

namespace Sluice.Testing.Tests.Cuts;

/// <summary>A client that sends a PROXY header, and a server that reads it.</summary>
internal sealed class ProxyHeaderScenario(ProxyProtocolVersion version) : CutScenario
{
    private static readonly IPEndPoint s_source = IPEndPoint.Parse("192.0.2.7:56324");

    private readonly ProxyHeader _header = new(s_source, IPEndPoint.Parse("198.51.100.1:443"), version);

    public override int ClientBytes => HeaderBytes + Line.Length;

    public override int ServerBytes => Line.Length;

    private int HeaderBytes => version == ProxyProtocolVersion.V1 ? "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n".Length : 16 + 12;

    protected override async Task ServeAsync(SelectorManager selector)
    {
        await using ServerSocket server = await selector.Tcp().BindAsync("::", Programs.Port, options =>
        {
            options.Accepted.SocketTimeout = SocketTimeout;
            options.ProxyProtocol = new ProxyProtocolOptions { TrustedNetworks = { IPNetwork.Parse("fd00::/8"), IPNetwork.Parse("10.0.0.0/8") } };
        });
        await server.ServeAsync((connection, _) => HandleAsync(async () =>
        {
            Assert.That(connection.RemoteEndPoint, Is.EqualTo(s_source));
            await EchoAsync(connection);
        }));
    }

    protected override async Task AskAsync(SelectorManager selector, string host)
    {
        await using StreamSocket socket = await selector.Tcp().ConnectAsync(host, Programs.Port, options =>
        {
            options.SocketTimeout = SocketTimeout;
            options.ProxyHeader = _header;
        });
        await AskAsync(socket.OpenConnection());
    }

    // No handler gets a connection without a whole header.
    protected override void CheckServer(Cut cut, IReadOnlyList<Exception?> ends)
    {
        if (!cut.OfServer && cut.After < HeaderBytes)
        {
            Assert.That(ends, Is.Empty, $"{cut}");
        }
        else if (cut is { Kind: CutKind.End, OfServer: true, After: 0 } && ends.Count == 0)
        {
            // The relay does not wait for the header.
        }
        else
        {
            base.CheckServer(cut, ends);
        }
    }
}
