using System.IO.Pipelines;

namespace Sluice.Channels.Adapters;

/// <summary>Presents a channel as a <see cref="PipeReader"/>.</summary>
internal sealed class ChannelPipeReader(ByteReadChannel channel) : PipeReader
{
    private bool _completed;

    public ByteReadChannel Channel => channel;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        return channel.ReadPipeAsync(1, cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfCompleted();
        return channel.TryReadPipe(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ThrowIfCompleted();
        channel.AdvancePipe(consumed, examined);
    }

    public override void CancelPendingRead() => channel.CancelPipeRead();

    public override void Complete(Exception? exception = null)
    {
        if (!_completed)
        {
            _completed = true;
            channel.CompletePipe(exception);
        }
    }

    protected override ValueTask<ReadResult> ReadAtLeastAsyncCore(int minimumSize, CancellationToken cancellationToken)
    {
        ThrowIfCompleted();
        return channel.ReadPipeAsync(Math.Max(minimumSize, 1), cancellationToken);
    }

    private void ThrowIfCompleted()
    {
        if (_completed)
        {
            throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
        }
    }
}
