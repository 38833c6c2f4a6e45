using System.Buffers.Binary;
using System.Diagnostics;

namespace Sluice.Cli.Bench;

/// <summary>Keeps datagrams in flight on one socket. Each has a number; one that does not come back within a second is lost.</summary>
internal sealed class DatagramLoad(DatagramSocket socket, Messages messages, int depth, LoadTotals totals)
{
    /// <summary>The size of the number at the start of a datagram.</summary>
    public const int NumberSize = sizeof(long);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly Dictionary<long, long> _inFlight = [];
    private readonly byte[] _sending = new byte[messages.Size];
    private readonly byte[] _receiving = new byte[messages.Size + 1];
    private long _next;

    /// <summary>Runs until canceled.</summary>
    /// <exception cref="IOException">The server sent back something else.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_inFlight.Count < depth)
            {
                await SendAsync(cancellationToken);
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_patience);
            try
            {
                Take(await socket.ReceiveAsync(_receiving, limit.Token));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                CountLost();
            }
        }
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        messages.Sent.Slice(_next, messages.Size).CopyTo(_sending);
        BinaryPrimitives.WriteInt64LittleEndian(_sending, _next);
        _inFlight[_next++] = Stopwatch.GetTimestamp();
        await socket.SendAsync(_sending, cancellationToken);
    }

    private void Take(DatagramReceiveResult result)
    {
        Span<byte> received = _receiving.AsSpan(0, result.Count);
        long number = received.Length == messages.Size ? BinaryPrimitives.ReadInt64LittleEndian(received) : -1;
        if (number < 0 || number >= _next || !received[NumberSize..].SequenceEqual(messages.Sent.Slice(number, messages.Size).Span[NumberSize..]))
        {
            throw new IOException("The server sent back another datagram than it received.");
        }

        // One that comes twice, or late, counts once.
        if (_inFlight.Remove(number, out long sent))
        {
            totals.Add(sent, Stopwatch.GetTimestamp());
        }
    }

    private void CountLost()
    {
        long now = Stopwatch.GetTimestamp();
        foreach (long number in _inFlight.Where(one => Stopwatch.GetElapsedTime(one.Value, now) >= s_patience).Select(one => one.Key).ToArray())
        {
            _inFlight.Remove(number);
            totals.AddLost();
        }
    }
}
