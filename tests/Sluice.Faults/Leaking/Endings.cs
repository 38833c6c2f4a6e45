using System.Net.Sockets;

namespace Sluice.Faults.Leaking;

/// <summary>The endings of connections that were established.</summary>
internal static class Endings
{
    private const int LongestMessage = 20_000;

    private static readonly Wire[] s_any = [Wire.Tcp, Wire.Unix, Wire.Tls];
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(10);

    public static IReadOnlyList<Ending> All { get; } =
    [
        new("the client closes", s_any, ClientClosesAsync),
        new("the client closes with unread bytes", s_any, ClientLeavesBytesAsync),
        new("the server closes", s_any, (world, wire, _) => ServerEndsAsync(world, wire, LeakServer.Close)),
        new("the server aborts", s_any, (world, wire, _) => ServerEndsAsync(world, wire, LeakServer.Abort)),
        new("the handler throws", s_any, (world, wire, _) => ServerEndsAsync(world, wire, LeakServer.Throw)),
        new("the server half-closes", s_any, (world, wire, _) => ServerHalfClosesAsync(world, wire)),
        new("the client half-closes", s_any, ClientHalfClosesAsync),
        new("the client aborts", s_any, ClientAbortsAsync),
        new("both close at once", s_any, BothCloseAsync),
        new("the server's read is canceled", s_any, (world, wire, _) => ServerEndsAsync(world, wire, LeakServer.Cancel)),
        new("the client's read is canceled", s_any, (world, wire, _) => ReadCanceledAsync(world, wire)),
        new("the client's read times out", s_any, (world, wire, _) => ReadTimesOutAsync(world, wire)) { Weight = 2 },
        new("a write that waits is canceled", s_any, (world, wire, _) => WriteCanceledAsync(world, wire)) { Weight = 1 },
        new("the clients' manager is disposed of", s_any, (world, wire, _) => ManagerDisposedAsync(world, wire)) { Batch = 50 },
        .. ConnectEndings.All,
        .. HandshakeEndings.All,
    ];

    private static async Task ClientClosesAsync(LeakWorld world, Wire wire, Random random)
    {
        await using Connection connection = await world.ConnectAsync(wire, LeakServer.Echo);
        int length = random.Next(1, LongestMessage);
        await connection.Output.WriteAsync(Pattern.At(0, length));
        byte[] bytes = new byte[length];
        await connection.Input.ReadExactlyAsync(bytes);
        Pattern.Check(bytes, 0);
    }

    private static async Task ClientLeavesBytesAsync(LeakWorld world, Wire wire, Random random)
    {
        await using Connection connection = await world.ConnectAsync(wire, LeakServer.Echo);
        await connection.Output.WriteAsync(Pattern.At(0, random.Next(2, LongestMessage)));
        await connection.Input.ReadByteAsync();
    }

    private static async Task ServerEndsAsync(LeakWorld world, Wire wire, byte means)
    {
        await using Connection connection = await world.ConnectAsync(wire, means);
        await Expected(async () =>
        {
            await connection.Output.WriteAsync(new byte[1]);
            await DrainAsync(connection);
        });
    }

    private static async Task ServerHalfClosesAsync(LeakWorld world, Wire wire)
    {
        await using Connection connection = await world.ConnectAsync(wire, LeakServer.HalfClose);
        await DrainAsync(connection);
        await connection.Output.WriteAsync(new byte[1]);
    }

    private static async Task ClientHalfClosesAsync(LeakWorld world, Wire wire, Random random)
    {
        await using Connection connection = await world.ConnectAsync(wire, LeakServer.Echo);
        await connection.Output.WriteAsync(Pattern.At(0, random.Next(1, LongestMessage)));
        await connection.Output.CompleteAsync();
        await DrainAsync(connection);
    }

    private static async Task ClientAbortsAsync(LeakWorld world, Wire wire, Random random)
    {
        Connection connection = await world.ConnectAsync(wire, LeakServer.Echo);
        await connection.Output.WriteAsync(Pattern.At(0, random.Next(1, LongestMessage)));
        connection.Abort();
    }

    private static async Task BothCloseAsync(LeakWorld world, Wire wire, Random random)
    {
        await using Connection connection = await world.ConnectAsync(wire, LeakServer.Close);
        await connection.Output.WriteAsync(new byte[1]);
        await Expected(async () => await connection.CloseAsync());
    }

    private static async Task ReadCanceledAsync(LeakWorld world, Wire wire)
    {
        await using Connection connection = await world.ConnectAsync(wire, LeakServer.Silent);
        using var cancellation = new CancellationTokenSource();
        ValueTask<int> reading = connection.Input.ReadAsync(new byte[1], cancellation.Token);
        await cancellation.CancelAsync();
        await Expected(async () => await reading);
    }

    private static async Task ReadTimesOutAsync(LeakWorld world, Wire wire)
    {
        Connection connection = await world.ConnectAsync(wire, LeakServer.Silent, configure: options => options.SocketTimeout = TimeSpan.FromSeconds(30));
        await using (connection)
        {
            connection.Socket.Options.SocketTimeout = s_short;
            await Expected(async () => await connection.Input.ReadByteAsync());
        }
    }

    private static async Task WriteCanceledAsync(LeakWorld world, Wire wire)
    {
        Connection connection = await world.ConnectAsync(wire, LeakServer.Deaf, configure: options => options.SendBufferSize = 16 * 1024);
        using var cancellation = new CancellationTokenSource(s_short);
        await Expected(async () =>
        {
            while (true)
            {
                await connection.Output.WriteAsync(Pattern.At(0, Pattern.Longest), cancellation.Token);
            }
        });
        connection.Abort();
    }

    private static async Task ManagerDisposedAsync(LeakWorld world, Wire wire)
    {
        await using SelectorManager selector = world.CreateSelector();
        var reading = new List<Task>();
        for (int i = 0; i < 50; i++)
        {
            Connection connection = await world.ConnectAsync(wire, LeakServer.Silent, selector);
            reading.Add(Expected(async () => await connection.Input.ReadByteAsync()));
        }

        await selector.DisposeAsync();
        await Task.WhenAll(reading);
    }

    private static async Task DrainAsync(Connection connection)
    {
        byte[] buffer = new byte[4096];
        while (await connection.Input.ReadAsync(buffer) > 0)
        {
            // Only the end matters.
        }
    }

    /// <summary>Lets a call fail as calls on a connection do that ends.</summary>
    public static async Task Expected(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // How it failed is for the tests.
        }
    }
}
