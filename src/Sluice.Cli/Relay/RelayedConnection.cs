using Sluice.Cli.EndPoints;
using Sluice.Cli.Recording;

namespace Sluice.Cli.Relay;

/// <summary>Relays one connection to its target, in both directions.</summary>
internal sealed class RelayedConnection(Link client, Link target, Faults faults, TimeSpan? idleTimeout, Recorder? recorder)
{
    // Set while the library copies, which counts by itself.
    private volatile Func<(long There, long Back)>? _joined;

    // Set by the direction from a command before it ends the other one.
    private volatile bool _hasCommandEnded;

    public RelayCounters Counters { get; } = new();

    /// <summary>Gets the bytes of each direction so far. Any thread may call this.</summary>
    public (long There, long Back) Count() => _joined?.Invoke() ?? (Counters.There, Counters.Back);

    /// <summary>Relays until both sides have ended.</summary>
    /// <exception cref="CutException">A limit of the faults is reached.</exception>
    /// <exception cref="IOException">A side has failed, or no bytes have passed for too long.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The listener ends peers of datagrams.
        using var idle = new IdleWatch(client is PeerLink ? null : idleTimeout, TimeProvider.System, CountBoth, cancellationToken);
        try
        {
            await RunAsync(idle, idle.Token);
        }
        catch (OperationCanceledException) when (idle.HasEnded)
        {
            throw idle.CreateFailure();
        }
    }

    private long CountBoth()
    {
        (long there, long back) = Count();
        return there + back;
    }

    private async Task RunAsync(IdleWatch idle, CancellationToken cancellationToken)
    {
        if (faults.AreNone && recorder is null && client.Connection is { } one && target.Connection is { } other)
        {
            long read = one.Input.TotalBytesRead;
            long back = other.Input.TotalBytesRead;
            _joined = () => (one.Input.TotalBytesRead - read, other.Input.TotalBytesRead - back);
            try
            {
                // Stays in the kernel where both sides are plain.
                await one.JoinAsync(other, cancellationToken);
            }
            finally
            {
                Counters.Add(there: true, one.Input.TotalBytesRead - read);
                Counters.Add(there: false, other.Input.TotalBytesRead - back);
                _joined = null;
            }

            return;
        }

        ConversationRecorder? conversation = recorder?.Begin(client);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (faults.CutAfterTime is { } time)
        {
            cut.CancelAfter(time);
        }

        try
        {
            var there = new Direction(client, target, isThere: true, faults, Counters, idle, conversation);
            var back = new Direction(target, client, isThere: false, faults, Counters, idle, conversation);
            await (target is CommandLink command
                ? Transfer.BothAsync(SendAsync(there, command, cut.Token), ReceiveAsync(back, cut.Token), client, target)
                : Transfer.BothAsync(there.RunAsync(cut.Token), back.RunAsync(cut.Token), client, target));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            conversation?.Reset();
            throw new CutException($"cut after {faults.CutAfterTime!.Value.TotalSeconds} s");
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            conversation?.Reset();
            throw;
        }
    }

    // The end of the command ends the connection, although the client may send more: nothing takes that.
    private async Task ReceiveAsync(Direction back, CancellationToken cancellationToken)
    {
        await back.RunAsync(cancellationToken);
        _hasCommandEnded = true;
        await client.EndAsync(cancellationToken);
    }

    private async Task SendAsync(Direction there, CommandLink command, CancellationToken cancellationToken)
    {
        try
        {
            await there.RunAsync(cancellationToken);
        }
        catch (IOException) when (command.HasClosedInput)
        {
            // It may still have output.
        }
        catch (Exception exception) when (_hasCommandEnded && exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The end of the command has closed the client.
        }
    }
}
