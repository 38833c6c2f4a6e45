using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;
using Sluice.Cli.Recording;

namespace Sluice.Cli.Relay;

/// <summary>Relays one direction with faults, and records it.</summary>
internal sealed class Direction(Link from, Link to, bool isThere, Faults faults, RelayCounters counters, IdleWatch idle, ConversationRecorder? recorder)
{
    private readonly RateLimit? _rate = faults.Rate is { } rate ? new RateLimit(rate, TimeProvider.System, idle) : null;

    /// <summary>Relays until the source ends.</summary>
    /// <exception cref="CutException">The limit of bytes is reached.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (faults.Latency == default && faults.Jitter == default && faults.Loss == 0)
        {
            await ReadAsync(bytes => WriteAsync(bytes, cancellationToken), cancellationToken);
        }
        else
        {
            await RunDelayedAsync(cancellationToken);
        }

        recorder?.End(isThere);
        await to.CompleteAsync(cancellationToken);
    }

    private async Task RunDelayedAsync(CancellationToken cancellationToken)
    {
        bool isDatagrams = from is DatagramLink or PeerLink || to is DatagramLink or PeerLink;
        var queue = new DelayQueue(faults, isDatagrams, TimeProvider.System, idle);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = FillAsync(queue, ending.Token);
        try
        {
            await foreach (byte[] bytes in queue.ReadAllAsync(cancellationToken))
            {
                await WriteAsync(bytes, cancellationToken);
            }
        }
        catch
        {
            // The task that reads may wait for room in the queue. A command that has closed its input may still have output for the client.
            if (to is not CommandLink { HasClosedInput: true })
            {
                from.Abort();
            }

            await ending.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await reading;
    }

    private async Task FillAsync(DelayQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(bytes => queue.AddAsync(bytes, cancellationToken), cancellationToken);
            queue.Complete();
        }
        catch (Exception exception)
        {
            queue.Complete(exception);
        }
    }

    private async Task ReadAsync(Func<ReadOnlyMemory<byte>, ValueTask> take, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[Transfer.BufferSize(from, to)];
        int count;
        while ((count = await from.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await take(buffer.AsMemory(0, count));
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> rest = bytes;
        while (!rest.IsEmpty)
        {
            // A datagram stays whole. What a stream has sent may be more than one has.
            int most = _rate is null || to is DatagramLink or PeerLink ? to.MostWrite : _rate.Chunk;
            int chunk = Math.Min(rest.Length, most);
            if (_rate is not null)
            {
                await _rate.WaitAsync(chunk, cancellationToken);
            }

            await PassAsync(rest[..chunk], cancellationToken);
            rest = rest[chunk..];
        }
    }

    private async ValueTask PassAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        long all = counters.Add(isThere, bytes.Length);
        if (faults.CutAfterBytes is { } most && all > most)
        {
            int allowed = (int)Math.Max(0, bytes.Length - (all - most));
            counters.Add(isThere, allowed - bytes.Length);
            if (allowed > 0)
            {
                recorder?.Add(isThere, bytes.Span[..allowed]);
                await to.WriteAsync(bytes[..allowed], cancellationToken);
                await (to.Connection?.Output.FlushAsync(cancellationToken) ?? ValueTask.CompletedTask);
            }

            throw new CutException($"cut after {Quantity.Of(most, "byte")}");
        }

        recorder?.Add(isThere, bytes.Span);
        await to.WriteAsync(bytes, cancellationToken);
    }
}
