using System.Diagnostics;

namespace Sluice.Cli.Bench;

/// <summary>One connection: keeps messages in flight and checks every byte that comes back.</summary>
internal sealed class EchoLoad(Connection connection, Messages messages, int depth, LoadTotals totals)
{
    private const int MaxBuffer = 64 * 1024;

    private readonly byte[] _buffer = new byte[Math.Clamp(messages.Size * depth, messages.Size, Math.Max(MaxBuffer, messages.Size))];

    // When each message in flight was sent.
    private readonly long[] _sentAt = new long[depth];
    private long _sent;
    private Task _writing = Task.CompletedTask;

    /// <summary>Runs until cancelled, or the connection is closed from our side.</summary>
    /// <exception cref="IOException">The server closed, or answered something else.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExchangeAsync(cancellationToken);
        }
        finally
        {
            await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ExchangeAsync(CancellationToken cancellationToken)
    {
        Send(depth, cancellationToken);
        int count = messages.Size;
        await connection.Input.ReadExactlyAsync(_buffer.AsMemory(0, count), cancellationToken);
        (Cycle answers, int size) = messages.Recognize(_buffer.AsSpan(0, count));
        long received = 0;
        long answered = 0;
        while (true)
        {
            int equal = answers.CountEqual(received, _buffer.AsSpan(0, count));
            received += count;
            if (equal < count)
            {
                throw new IOException($"What came back from the server differs from what was sent, at byte {received - count + equal} of a connection.");
            }

            long now = Stopwatch.GetTimestamp();
            int complete = (int)((received / size) - answered);
            for (int i = 0; i < complete; i++)
            {
                totals.Add(_sentAt[answered++ % depth], now);
            }

            Send(complete, cancellationToken);
            count = await connection.Input.ReadAsync(_buffer, cancellationToken);
            if (count == 0)
            {
                throw new IOException("The server closed a connection.");
            }
        }
    }

    // A write that waits is not waited for here: it may wait for us to read.
    private void Send(int count, CancellationToken cancellationToken)
    {
        if (count == 0)
        {
            return;
        }

        long now = Stopwatch.GetTimestamp();
        ReadOnlyMemory<byte> bytes = messages.Sent.Slice(_sent * messages.Size, count * messages.Size);
        for (int i = 0; i < count; i++)
        {
            _sentAt[_sent++ % depth] = now;
        }

        if (!_writing.IsCompletedSuccessfully)
        {
            _writing = WriteAfterAsync(_writing, bytes, cancellationToken);
            return;
        }

        ValueTask write = connection.Output.WriteAsync(bytes, cancellationToken);
        if (!write.IsCompletedSuccessfully)
        {
            _writing = write.AsTask();
        }
    }

    private async Task WriteAfterAsync(Task before, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await before;
        await connection.Output.WriteAsync(bytes, cancellationToken);
    }
}
