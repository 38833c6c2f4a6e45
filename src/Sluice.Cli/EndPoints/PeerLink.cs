using System.Net;
using System.Threading.Channels;

namespace Sluice.Cli.EndPoints;

/// <summary>A link to one of the peers of a bound datagram socket.</summary>
internal sealed class PeerLink(DatagramSocket socket, EndPoint peer, TimeProvider clock, TimeSpan idle) : Link($"{peer}")
{
    // A peer that sends faster than its handler reads loses datagrams, as it would in the kernel.
    private const int MaxQueued = 256;

    private readonly Channel<byte[]> _queue = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueued) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _last = clock.GetTimestamp();

    /// <summary>Queues a datagram of the peer.</summary>
    public void Deliver(byte[] datagram)
    {
        Touch();
        _queue.Writer.TryWrite(datagram);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Task<bool> waiting = _queue.Reader.WaitToReadAsync(cancellationToken).AsTask();
        while (!waiting.IsCompleted)
        {
            TimeSpan left = idle - clock.GetElapsedTime(Volatile.Read(ref _last));
            if (left <= TimeSpan.Zero)
            {
                Abort();
                break;
            }

            await Task.WhenAny(waiting, Task.Delay(left, clock, CancellationToken.None));
        }

        if (!await waiting || !_queue.Reader.TryRead(out byte[]? datagram))
        {
            return 0;
        }

        datagram.CopyTo(buffer);
        return datagram.Length;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Touch();
        return socket.SendAsync(bytes, peer, cancellationToken);
    }

    public override ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public override void Abort() => _queue.Writer.TryComplete();

    public override ValueTask DisposeAsync()
    {
        Abort();
        return ValueTask.CompletedTask;
    }

    private void Touch() => Volatile.Write(ref _last, clock.GetTimestamp());
}
