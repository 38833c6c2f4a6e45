using System.Globalization;
using Sluice;

namespace SimulatedLock;

/// <summary>
/// A lock with leases. <c>ACQUIRE</c> waits until the lock is free, and answers with a token, which is higher for each holder. <c>RELEASE token</c> frees it. A
/// holder that does not release it in time loses it: it may have crashed.
/// </summary>
internal sealed class LockServer(TimeProvider time)
{
    public const int Port = 7000;

    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly Queue<TaskCompletionSource<long>> _waiting = new();
    private readonly Lock _lock = new();
    private long _token;
    private bool _held;

    public async Task RunAsync(SelectorManager selector)
    {
        await using ServerSocket server = await selector.Tcp().BindAsync("::", Port);
        await server.ServeAsync(HandleAsync);
    }

    private async Task HandleAsync(Connection connection, CancellationToken cancellationToken)
    {
        long token = 0;
        try
        {
            while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line == "ACQUIRE")
                {
                    token = await AcquireAsync();
                    await connection.Output.WriteLineAsync(token.ToString(CultureInfo.InvariantCulture), cancellationToken);
                }
                else
                {
                    Release(long.Parse(line.AsSpan("RELEASE ".Length), CultureInfo.InvariantCulture));
                    await connection.Output.WriteLineAsync("OK", cancellationToken);
                }
            }
        }
        finally
        {
            // A client that has given up would keep the lock until its lease ends, and others would give up as well: the simulation found that.
            Release(token);
        }
    }

    private async Task<long> AcquireAsync()
    {
        var granted = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Enqueue(granted);
        }

        GrantNext();
        long token = await granted.Task;
        _ = ExpireAsync(token);
        return token;
    }

    private async Task ExpireAsync(long token)
    {
        await Task.Delay(Lease, time);
        Release(token);
    }

    private void Release(long token)
    {
        lock (_lock)
        {
            if (!_held || _token != token)
            {
                return;
            }

            _held = false;
        }

        GrantNext();
    }

    private void GrantNext()
    {
        lock (_lock)
        {
            if (!_held && _waiting.TryDequeue(out TaskCompletionSource<long>? next))
            {
                _held = true;
                next.SetResult(++_token);
            }
        }
    }
}
