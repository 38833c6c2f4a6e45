namespace Sluice.Cli.Bench;

/// <summary>Keeps messages in flight on one connection, and checks every byte that comes back.</summary>
internal sealed class EchoLoad(Connection connection, Messages messages, int depth, LoadTotals totals)
{
    private const int BufferSize = 64 * 1024;

    private readonly byte[] _buffer = new byte[Math.Min((messages.Size * depth) + depth, BufferSize)];
    private readonly AnswerCheck _check = new(messages);
    private readonly InFlight _inFlight = new(messages, depth);
    private Task _writing = Task.CompletedTask;

    /// <summary>Runs until canceled.</summary>
    /// <exception cref="IOException">The server closed the connection, or sent back something else.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            int complete = depth;
            while (true)
            {
                Send(complete, cancellationToken);
                int count = await connection.Input.ReadAsync(_buffer, cancellationToken);
                if (count == 0)
                {
                    throw new IOException("The server closed a connection.");
                }

                complete = _check.Add(_buffer.AsSpan(0, count));
                _inFlight.Back(complete, totals);
            }
        }
        finally
        {
            await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Does not wait for the write: the server may take it only after we have read.
    private void Send(int count, CancellationToken cancellationToken)
    {
        if (count == 0)
        {
            return;
        }

        ReadOnlyMemory<byte> bytes = _inFlight.Next(count);
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
