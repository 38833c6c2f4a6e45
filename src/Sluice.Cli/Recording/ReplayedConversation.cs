using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Recording;

/// <summary>Replays one connection of a recording.</summary>
/// <param name="recorded">The recording.</param>
/// <param name="dialer">Connects.</param>
/// <param name="address">The server.</param>
/// <param name="start">When the replay began, and the time of the recording that this stands for; null to wait for answers only.</param>
/// <param name="timeout">The longest wait for an answer.</param>
internal sealed class ReplayedConversation(Conversation recorded, Dialer dialer, Address address, (long Now, double Recorded)? start, TimeSpan timeout)
{
    private readonly byte[] _expected = [.. recorded.Messages.Where(message => !message.FromClient).SelectMany(message => message.Bytes)];
    private readonly byte[] _buffer = new byte[Link.BufferSize];
    private long _sent;
    private long _received;
    private long? _differsAt;
    private bool _ended;

    /// <summary>Gets the number of bytes that the client of the recording sent.</summary>
    public long ToSend { get; } = recorded.Messages.Where(message => message.FromClient).Sum(message => (long)message.Bytes.Length);

    /// <summary>Gets the number of bytes that were sent so far. Any thread may read it.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Gets a value indicating whether the replay of this connection has ended. Any thread may read it.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Replays it. What has gone to and fro until it is stopped counts too.</summary>
    public async Task<ReplayResult> RunAsync(CancellationToken stopping)
    {
        string? error = null;
        try
        {
            if (recorded.LacksBytes)
            {
                throw new InvalidDataException("the recording lacks bytes that the client sent");
            }

            await WaitUntilAsync(recorded.Began, stopping);
            await using Link link = await dialer.OpenAsync(address, stopping);
            await RunAsync(link, stopping);
            if (_received < _expected.Length)
            {
                _differsAt ??= _received;
            }
        }
        catch (Exception exception) when (Failures.IsExpected(exception))
        {
            error = Failures.MessageOf(exception);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            error = "stopped by a signal";
        }

        HasEnded = true;
        return new ReplayResult(recorded.Client, _sent, _received, _expected.Length, _differsAt, error);
    }

    private async Task RunAsync(Link link, CancellationToken stopping)
    {
        long due = 0;
        foreach ((double time, bool fromClient, byte[] bytes) in recorded.Messages)
        {
            if (!fromClient)
            {
                due += bytes.Length;
                continue;
            }

            // The client had these answers when it sent this.
            await ReceiveAsync(link, due, stopping);
            await WaitUntilAsync(time, stopping);
            await link.WriteAsync(bytes, stopping);
            Interlocked.Add(ref _sent, bytes.Length);
        }

        await ReceiveAsync(link, due, stopping);
        await link.CompleteAsync(stopping);
    }

    private async Task ReceiveAsync(Link link, long due, CancellationToken stopping)
    {
        while (_received < due && !_ended)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            limit.CancelAfter(timeout);
            try
            {
                int count = await link.ReadAsync(_buffer, limit.Token);
                _ended = count == 0;
                Compare(_buffer.AsSpan(0, count));
            }
            catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
            {
                throw new TimeoutException($"no answer within {timeout.TotalSeconds} s after {Quantity.Of(_received, "byte")}");
            }
        }
    }

    private void Compare(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> expected = _expected.AsSpan((int)Math.Min(_received, _expected.Length));
        int same = bytes.CommonPrefixLength(expected);
        if (same < bytes.Length)
        {
            _differsAt ??= _received + same;
        }

        _received += bytes.Length;
    }

    private Task WaitUntilAsync(double time, CancellationToken stopping)
    {
        if (start is not var (now, first))
        {
            return Task.CompletedTask;
        }

        TimeSpan left = TimeSpan.FromSeconds(time - first) - TimeProvider.System.GetElapsedTime(now);
        return left > TimeSpan.Zero ? Task.Delay(left, stopping) : Task.CompletedTask;
    }
}
