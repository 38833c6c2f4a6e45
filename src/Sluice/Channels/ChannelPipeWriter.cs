using System.IO.Pipelines;

namespace Sluice.Channels;

/// <summary>A channel's <see cref="PipeWriter"/> face.</summary>
internal sealed class ChannelPipeWriter(ByteWriteChannel channel) : PipeWriter
{
    private bool _completed;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => channel.UnsentBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfCompleted();
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        return channel.GetPipeMemory(sizeHint);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ThrowIfCompleted();
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        channel.AdvancePipe(bytes);
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        bool flushed = await channel.TryFlushAsync(cancellationToken).ConfigureAwait(false);
        return new FlushResult(isCanceled: !flushed, isCompleted: false);
    }

    public override void CancelPendingFlush() => channel.CancelFlush();

    public override void Complete(Exception? exception = null)
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        if (exception is not null)
        {
            channel.CompleteBecause(exception);
        }
        else
        {
            channel.CompleteNow();
        }
    }

    private void ThrowIfCompleted()
    {
        if (_completed)
        {
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        }
    }
}
