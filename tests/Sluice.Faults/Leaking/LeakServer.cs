namespace Sluice.Faults.Leaking;

/// <summary>Handlers that end in every way. The first byte of a connection says which, and is sent back.</summary>
internal static class LeakServer
{
    /// <summary>Sends back what it receives until the client ends.</summary>
    public const byte Echo = (byte)'e';

    /// <summary>Waits for another byte, and returns.</summary>
    public const byte Close = (byte)'c';

    /// <summary>Waits for another byte, and aborts.</summary>
    public const byte Abort = (byte)'a';

    /// <summary>Waits for another byte, and throws.</summary>
    public const byte Throw = (byte)'t';

    /// <summary>Reads with a token that is canceled, and returns.</summary>
    public const byte Cancel = (byte)'x';

    /// <summary>Sends nothing, and reads until the client ends.</summary>
    public const byte Silent = (byte)'s';

    /// <summary>Ends its output, and reads until the client ends.</summary>
    public const byte HalfClose = (byte)'h';

    /// <summary>Reads nothing more, and returns soon.</summary>
    public const byte Deaf = (byte)'d';

    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(20);

    public static async Task HandleAsync(Connection connection, CancellationToken cancellationToken)
    {
        byte means = await connection.Input.ReadByteAsync(cancellationToken);
        await connection.Output.WriteAsync(new[] { means }, cancellationToken);
        switch (means)
        {
            case Echo:
                await connection.Input.CopyToAsync(connection.Output, cancellationToken);
                break;
            case Close:
                await connection.Input.ReadByteAsync(cancellationToken);
                break;
            case Abort:
                await connection.Input.ReadByteAsync(cancellationToken);
                connection.Abort();
                break;
            case Throw:
                await connection.Input.ReadByteAsync(cancellationToken);
                throw new InvalidOperationException("On purpose.");
            case Cancel:
                await ReadCanceledAsync(connection);
                break;
            case Silent:
                await DrainAsync(connection, cancellationToken);
                break;
            case HalfClose:
                await connection.Output.CompleteAsync(cancellationToken);
                await DrainAsync(connection, cancellationToken);
                break;
            case Deaf:
                await Task.Delay(s_soon, CancellationToken.None);
                break;
        }
    }

    private static async Task DrainAsync(Connection connection, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[256];
        while (await connection.Input.ReadAsync(buffer, cancellationToken) > 0)
        {
            // Only the end matters.
        }
    }

    private static async Task ReadCanceledAsync(Connection connection)
    {
        using var cancellation = new CancellationTokenSource();
        ValueTask<int> reading = connection.Input.ReadAsync(new byte[10], cancellation.Token);
        await cancellation.CancelAsync();
        try
        {
            await reading;
        }
        catch (OperationCanceledException)
        {
            // As it should be.
        }
    }
}
