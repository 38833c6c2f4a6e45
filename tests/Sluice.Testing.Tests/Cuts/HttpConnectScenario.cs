using System.Net;

namespace Sluice.Testing.Tests.Cuts;

/// <summary>A connection through an HTTP proxy with credentials, which is also the server behind it.</summary>
internal sealed class HttpConnectScenario : CutScenario
{
    private const string Response = "HTTP/1.1 200 Connection established\r\n\r\n";

    private static readonly NetworkCredential s_credentials = new("user", "secret");

    public override int ClientBytes =>
        "CONNECT target.example:443 HTTP/1.1\r\nHost: target.example:443\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n".Length + Line.Length;

    public override int ServerBytes => Response.Length + Line.Length;

    protected override async Task ServeAsync(SelectorManager selector)
    {
        await using ServerSocket server = await selector.Tcp().BindAsync("::", Programs.Port, options => options.Accepted.SocketTimeout = SocketTimeout);
        await server.ServeAsync((connection, _) => HandleAsync(async () =>
        {
            await connection.Input.SkipExactlyAsync(ClientBytes - Line.Length);
            await connection.Output.WriteStringAsync(Response);
            await EchoAsync(connection);
        }));
    }

    protected override async Task AskAsync(SelectorManager selector, string host)
    {
        await using StreamSocket socket = await selector.Tcp().ViaHttpConnect(host, Programs.Port, s_credentials)
            .ConnectAsync("target.example", 443, options => options.SocketTimeout = SocketTimeout);
        await AskAsync(socket.OpenConnection());
    }
}
