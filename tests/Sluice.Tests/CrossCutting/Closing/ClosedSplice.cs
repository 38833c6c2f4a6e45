using Sluice.Channels.Buffers;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice.Tests.CrossCutting.Closing;

/// <summary>A source of large pieces whose splice finds the descriptor closed, as when another thread closes the socket at that moment.</summary>
internal sealed class ClosedSplice : IByteSource, ISplice
{
    private const int Piece = 40 * 1024;

    /// <summary>Closes the channel.</summary>
    public Action OnReceive { get; set; } = () => { };

    public long Length => 0;

    public int TryReceive(SegmentQueue into)
    {
        into.Lease(Piece);
        into.EndLease(Piece);
        return Piece;
    }

    public int TryReceive(Span<byte> destination) => destination.Length;

    public int TryReceive(long most)
    {
        OnReceive();
        throw new ObjectDisposedException("the descriptor");
    }

    public int TrySend(ISinkClient client, out bool pending)
    {
        pending = false;
        return 0;
    }

    public PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken) => new(WaitOutcome.Ready);

    public Exception ReadFailure(WaitOutcome outcome) => new ObjectDisposedException("the source");

    public void InterruptRead()
    {
    }

    public ISplice? OpenSplice(IByteSink sink) => this;

    public void Dispose()
    {
    }
}
