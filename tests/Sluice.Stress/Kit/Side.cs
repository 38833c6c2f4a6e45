namespace Sluice.Stress.Kit;

/// <summary>One end of a connection in a race: knows whether it was closed here, and so what its operations may end in.</summary>
internal sealed class Side(Round round, Connection connection, string name)
{
    private int _closed;
    private int _completed;

    public Connection Connection => connection;

    // An operation may notice the close just before this side says so: what it may end in is asked when it has ended.
    public Task ReadAsync(Random random, CancellationToken cancellationToken = default) => RunAsync(
        () => Reads.ToEndAsync(connection.Input, random, cancellationToken), $"{name} reads", writes: false, cancellationToken);

    public Task WriteAsync(Random random, long count, CancellationToken cancellationToken = default) => RunAsync(
        () => Writes.ManyAsync(connection.Output, random, count, cancellationToken), $"{name} writes", writes: true, cancellationToken);

    /// <summary>Ends the connection, or a part of it, in a way that chance picks.</summary>
    public Task EndAsync(Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                Volatile.Write(ref _closed, 1);
                return round.TryAsync(Allowed.None, () => connection.CloseAsync(), what: $"{name} closes");
            case 1:
                Volatile.Write(ref _closed, 1);
                return round.TryAsync(Allowed.None, connection.Abort, $"{name} aborts");
            case 2:
                Volatile.Write(ref _closed, 1);
                return round.TryAsync(Allowed.None, () => connection.DisposeAsync(), what: $"{name} disposes");
            case 3:
                Volatile.Write(ref _closed, 1);
                return round.TryAsync(Allowed.None, () => connection.Input.Cancel(), $"{name} cancels its input");
            case 4 when round.World.Wire != Wire.Memory:
                Volatile.Write(ref _completed, 1);
                return round.TryAsync(Allowed.Closed | Allowed.Peer | Allowed.Busy, () => connection.Socket.ShutdownOutputAsync(), what: $"{name} shuts its output down");
            default:
                Volatile.Write(ref _completed, 1);
                return round.TryAsync(Allowed.Closed | Allowed.Peer | Allowed.Busy, () => connection.Output.CompleteAsync(), what: $"{name} completes");
        }
    }

    public async Task AbortAsync()
    {
        Volatile.Write(ref _closed, 1);
        await round.TryAsync(Allowed.None, connection.Abort, $"{name} aborts at the end");
        await round.TryAsync(Allowed.None, () => connection.CloseAsync(), what: $"{name} closes at the end");
    }

    private async Task RunAsync(Func<Task> action, string what, bool writes, CancellationToken cancellationToken)
    {
        await round.TryAsync(
            Allowed.Peer | Allowed.Canceled,
            async () =>
            {
                try
                {
                    await action();
                }
                catch (ObjectDisposedException) when (Volatile.Read(ref _closed) != 0 || (writes && Volatile.Read(ref _completed) != 0))
                {
                    // Closed here.
                }
                catch (InvalidOperationException exception) when (
                    writes && Volatile.Read(ref _completed) != 0 && exception.Message.Contains("in progress", StringComparison.Ordinal))
                {
                    // A completion waits: no write may begin beside it.
                }
            },
            cancellationToken,
            what);
    }
}
