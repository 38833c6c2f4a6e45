using System.Net;
using System.Net.Security;
using System.Security.Authentication;

namespace Sluice.Faults.Leaking;

/// <summary>The endings of TLS handshakes.</summary>
internal static class HandshakeEndings
{
    // A record of type handshake, TLS 1.0, 512 bytes, which has a ClientHello (RFC 8446, 5.1 and 4.1.2). The rest is missing.
    private static readonly byte[] s_beginOfClientHello = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03];

    private static readonly Wire[] s_tls = [Wire.Tls];

    public static IReadOnlyList<Ending> All { get; } =
    [
        new("the client refuses the certificate", s_tls, (world, _, _) => RefusedAsync(world)),
        new("the client sends garbage instead of a handshake", s_tls, GarbageAsync),
        new("the client aborts in the handshake", s_tls, (world, _, _) => AbortedAsync(world)),
        new("the client ends in the handshake", s_tls, (world, _, _) => EndedAsync(world)),
        new("the handshake of the server times out", s_tls, (world, _, _) => ServerTimesOutAsync(world)),
        new("the handshake of the client times out", s_tls, (world, _, _) => ClientTimesOutAsync(world)),
        new("the handshake of the client is canceled", s_tls, (world, _, _) => CanceledAsync(world)),
    ];

    private static async Task RefusedAsync(LeakWorld world)
    {
        IPEndPoint server = world.TcpEndPoint(Wire.Tls);
        try
        {
            await using StreamSocket socket = await world.Selector.Tcp().ConnectTlsAsync($"{server.Address}", server.Port);
        }
        catch (AuthenticationException)
        {
            return;
        }

        throw new InvalidOperationException("A certificate of an unknown authority was accepted.");
    }

    private static async Task GarbageAsync(LeakWorld world, Wire wire, Random random)
    {
        await using StreamSocket socket = await world.ConnectPlainToTlsAsync();
        Connection connection = socket.OpenConnection();
        byte[] garbage = new byte[random.Next(6, 1000)];
        random.NextBytes(garbage);

        // Of no type of record that there is: the server need not wait for more.
        garbage[0] = (byte)(0x80 | garbage[0]);
        garbage[1] = 0;
        await Endings.Expected(async () =>
        {
            await connection.Output.WriteAsync(garbage);
            await connection.Output.CompleteAsync();
            while (await connection.Input.ReadAsync(garbage) > 0)
            {
                // An alert.
            }
        });
    }

    private static async Task AbortedAsync(LeakWorld world)
    {
        StreamSocket socket = await world.ConnectPlainToTlsAsync();
        Connection connection = socket.OpenConnection();
        await connection.Output.WriteAsync(s_beginOfClientHello);
        connection.Abort();
    }

    private static async Task EndedAsync(LeakWorld world)
    {
        await using StreamSocket socket = await world.ConnectPlainToTlsAsync();
        Connection connection = socket.OpenConnection();
        await connection.Output.WriteAsync(s_beginOfClientHello);
        await connection.Output.CompleteAsync();
        await Endings.Expected(async () => await connection.Input.ReadByteAsync());
    }

    private static async Task ServerTimesOutAsync(LeakWorld world)
    {
        await using StreamSocket socket = await world.Selector.Tcp().ConnectAsync(world.HurriedTls);
        await Endings.Expected(async () => await socket.OpenConnection().Input.ReadByteAsync());
    }

    private static async Task ClientTimesOutAsync(LeakWorld world)
    {
        IPEndPoint silent = world.TcpEndPoint(Wire.Tcp);
        try
        {
            await using StreamSocket socket = await world.Selector.Tcp().ConnectTlsAsync(
                $"{silent.Address}", silent.Port, Anything(), new TlsOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(20) });
        }
        catch (Exception exception) when (exception is TimeoutException or AuthenticationException or IOException)
        {
            // The server for lines takes the ClientHello for a command, and ends.
            return;
        }

        throw new InvalidOperationException("A handshake with a server without TLS succeeded.");
    }

    private static async Task CanceledAsync(LeakWorld world)
    {
        IPEndPoint server = world.TcpEndPoint(Wire.Tls);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
        await Endings.Expected(async () =>
        {
            await using StreamSocket socket = await world.Selector.Tcp().ConnectTlsAsync(
                $"{server.Address}", server.Port, Anything(), cancellationToken: cancellation.Token);
        });
    }

    private static SslClientAuthenticationOptions Anything() => new SslClientAuthenticationOptions().DangerousAcceptAnyCertificate();
}
