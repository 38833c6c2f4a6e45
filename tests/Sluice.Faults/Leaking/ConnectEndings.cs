using System.Net.Sockets;

namespace Sluice.Faults.Leaking;

/// <summary>The endings of connections that were never established.</summary>
internal static class ConnectEndings
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(10);

    public static IReadOnlyList<Ending> All { get; } =
    [
        new("the connect is refused", [Wire.Tcp, Wire.Unix], RefusedAsync),
        new("the connect is canceled", [Wire.Tcp], (world, _, _) => CanceledAsync(world)),
        new("the connect times out", [Wire.Tcp], (world, _, _) => TimesOutAsync(world)) { Weight = 2 },
    ];

    private static async Task RefusedAsync(LeakWorld world, Wire wire, Random random)
    {
        try
        {
            await using StreamSocket socket = wire == Wire.Unix
                ? await world.Selector.Unix().ConnectAsync("/nonexistent/sluice")
                : await world.Selector.Tcp().ConnectAsync(world.Refusing);
        }
        catch (SocketException)
        {
            return;
        }

        throw new InvalidOperationException("A connect was not refused.");
    }

    private static async Task CanceledAsync(LeakWorld world)
    {
        using var cancellation = new CancellationTokenSource();
        ValueTask<StreamSocket> connecting = world.Selector.Tcp().ConnectAsync(world.Full, cancellationToken: cancellation.Token);
        await Task.Yield();
        await cancellation.CancelAsync();
        try
        {
            await using StreamSocket socket = await connecting;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        throw new InvalidOperationException("A connect was not canceled.");
    }

    private static async Task TimesOutAsync(LeakWorld world)
    {
        try
        {
            await using StreamSocket socket = await world.Selector.Tcp().ConnectAsync(world.Full, options => options.ConnectTimeout = s_short);
        }
        catch (TimeoutException)
        {
            return;
        }

        throw new InvalidOperationException("A connect did not time out.");
    }
}
