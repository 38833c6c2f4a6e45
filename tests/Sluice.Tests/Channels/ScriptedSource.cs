using Sluice.Channels.Buffers;
using Sluice.Channels.Reading;
using Sluice.Scheduling;

namespace Sluice.Tests.Channels;

/// <summary>
/// A source that hands out the given pieces, one a receive with a wait before each, and then ends: every split of a stream, at no mercy of
/// timing.
/// </summary>
internal sealed class ScriptedSource(params byte[][] pieces) : IByteSource
{
    private int _next;
    private int _done;
    private bool _waited;

    /// <summary>How many bytes were handed out.</summary>
    public long Received { get; private set; }

    /// <summary>How many waits there were.</summary>
    public int Waits { get; private set; }

    /// <summary>
    /// A channel that receives <paramref name="bytes"/> in pieces of the given sizes, the last of which goes on until the end.
    /// </summary>
    public static ByteReadChannel Channel(ReadOnlySpan<byte> bytes, params int[] sizes)
    {
        var pieces = new List<byte[]>();
        for (int i = 0; !bytes.IsEmpty; i++)
        {
            int size = Math.Min(sizes[Math.Min(i, sizes.Length - 1)], bytes.Length);
            if (size > 0)
            {
                pieces.Add(bytes[..size].ToArray());
            }

            bytes = bytes[size..];
        }

        return new ByteReadChannel(new ScriptedSource([.. pieces]), pool: null);
    }

    public int TryReceive(SegmentQueue into)
    {
        int count = TryReceive(into.Lease(1).Span);
        into.EndLease(count);
        return count;
    }

    public int TryReceive(Span<byte> buffer)
    {
        if (!_waited)
        {
            return IByteSource.WouldBlock;
        }

        if (_next == pieces.Length)
        {
            return 0;
        }

        ReadOnlySpan<byte> left = pieces[_next].AsSpan(_done);
        int count = Math.Min(left.Length, buffer.Length);
        left[..count].CopyTo(buffer);
        _done += count;
        Received += count;
        if (_done == pieces[_next].Length)
        {
            _next++;
            _done = 0;
            _waited = false;
        }

        return count;
    }

    public PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waits++;
        _waited = true;
        return new PooledTask<WaitOutcome>(WaitOutcome.Ready);
    }

    public Exception ReadFailure(WaitOutcome signal) => signal == WaitOutcome.Closed
        ? new ObjectDisposedException(nameof(ScriptedSource))
        : new IOException($"A script does not end with {signal}.");

    public void InterruptRead()
    {
    }
}
