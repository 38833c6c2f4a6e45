using System.Net;
using System.Threading.Channels;

namespace Sluice.Cli.EndPoints;

/// <summary>A link to one of the peers of a bound datagram socket.</summary>
internal sealed class PeerLink : Link
{
    // A peer that sends faster than its handler reads loses datagrams, as it would in the kernel.
    private const int MaxQueued = 256;

    private readonly Channel<byte[]> _queue = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueued) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly DatagramSocket _socket;
    private readonly EndPoint _peer;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private long _last;

    public PeerLink(DatagramSocket socket, EndPoint peer, TimeProvider clock, TimeSpan idle)
        : base($"{peer}")
    {
        (_socket, _peer, _clock) = (socket, peer, clock);
        _last = clock.GetTimestamp();
        TimeSpan period = IdleWatch.PeriodOf(idle);
        _timer = clock.CreateTimer(_ => EndIfIdle(idle), null, period, period);
    }

    public override int MostWrite => DatagramSize.MostPayloadTo(_peer);

    public override EndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <summary>Queues a datagram of the peer, or drops it while the queue is full. False if the link has ended: its handler reads nothing more.</summary>
    public bool TryDeliver(byte[] datagram)
    {
        Touch();
        return _queue.Writer.TryWrite(datagram);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        byte[]? datagram;
        while (!_queue.Reader.TryRead(out datagram))
        {
            if (!await _queue.Reader.WaitToReadAsync(cancellationToken))
            {
                return 0;
            }
        }

        datagram.CopyTo(buffer);
        return datagram.Length;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Touch();
        return bytes.Length <= MostWrite
            ? _socket.SendAsync(bytes, _peer, cancellationToken)
            : DatagramSize.SplitAsync(bytes, MostWrite, part => _socket.SendAsync(part, _peer, cancellationToken));
    }

    public override ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public override void Abort() => _queue.Writer.TryComplete();

    public override ValueTask DisposeAsync()
    {
        Abort();
        return _timer.DisposeAsync();
    }

    private void EndIfIdle(TimeSpan idle)
    {
        if (_clock.GetElapsedTime(Volatile.Read(ref _last)) >= idle)
        {
            Abort();
        }
    }

    private void Touch() => Volatile.Write(ref _last, _clock.GetTimestamp());
}
