using System.Net;

namespace Sluice.Testing.Tests.Cuts;

/// <summary>A connection through a SOCKS5 proxy with a login, which is also the server behind it.</summary>
internal sealed class Socks5Scenario : CutScenario
{
    private static readonly NetworkCredential s_credentials = new("user", "secret");

    // The greeting, the login, and the request with a name (RFC 1928, RFC 1929).
    public override int ClientBytes => 4 + 13 + 21 + Line.Length;

    public override int ServerBytes => 2 + 2 + 10 + Line.Length;

    protected override async Task ServeAsync(SelectorManager selector)
    {
        await using ServerSocket server = await selector.Tcp().BindAsync("::", Programs.Port, options => options.Accepted.SocketTimeout = SocketTimeout);
        await server.ServeAsync((connection, _) => HandleAsync(async () =>
        {
            await connection.Input.SkipExactlyAsync(4);
            await connection.Output.WriteAsync(new byte[] { 5, 2 });
            await connection.Input.SkipExactlyAsync(13);
            await connection.Output.WriteAsync(new byte[] { 1, 0 });
            await connection.Input.SkipExactlyAsync(21);
            await connection.Output.WriteAsync(new byte[] { 5, 0, 0, 1, 127, 0, 0, 1, 0x1f, 0x90 });
            await EchoAsync(connection);
        }));
    }

    protected override async Task AskAsync(SelectorManager selector, string host)
    {
        await using StreamSocket socket = await selector.Tcp().ViaSocks5(host, Programs.Port, s_credentials)
            .ConnectAsync("target.example", 443, options => options.SocketTimeout = SocketTimeout);
        await AskAsync(socket.OpenConnection());
    }
}
