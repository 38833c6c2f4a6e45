using System.IO.Pipelines;

namespace Sluice.Hosting.Connections;

/// <summary>
/// The output of a connection, as Kestrel expects it: a flush completes when few enough bytes wait to be sent. After the connection is gone, a
/// flush returns <see cref="FlushResult.IsCompleted"/> and does not throw.
/// </summary>
internal sealed class TransportWriter(ByteWriteChannel channel, long maxWaiting) : PipeWriter
{
    private static readonly FlushResult s_gone = new(isCanceled: false, isCompleted: true);

    private long _unflushed;
    private bool _completed;
    private bool _aborted;

    public ByteWriteChannel Channel => channel;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

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
        _unflushed += bytes;
    }

    // As the framework's pipes do, a write with a cancelled token leaves nothing for a later flush to send.
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<FlushResult>(cancellationToken)
            : base.WriteAsync(source, cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_completed)
        {
            // The framework's pipes also allow a flush after completion.
            return new(new FlushResult(isCanceled: false, isCompleted: Volatile.Read(ref _aborted) || channel.IsReaderGone));
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        _unflushed = 0;
        if (Volatile.Read(ref _aborted) || channel.IsClosedForWrite)
        {
            return new(s_gone);
        }

        if (channel.TakeFlushCanceled())
        {
            return new(new FlushResult(isCanceled: true, isCompleted: false));
        }

        return channel.TryFlushSoon(maxWaiting) ? default : FlushSlowAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => channel.CancelFlush();

    /// <summary>Makes flushes report that the connection is gone, before the socket is aborted.</summary>
    public void Abort() => Volatile.Write(ref _aborted, true);

    public override void Complete(Exception? exception = null)
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        channel.EndLease();
        if (Volatile.Read(ref _aborted))
        {
            // The connection is being reset: the peer must not see a proper end first.
            channel.DiscardAndClose();
        }

        if (exception is null)
        {
            channel.CompleteNow();
        }
        else
        {
            channel.CompleteBecause(exception);
        }
    }

    private async ValueTask<FlushResult> FlushSlowAsync(CancellationToken cancellationToken)
    {
        try
        {
            bool flushed = await channel.WaitSentButAsync(maxWaiting, cancellationToken).ConfigureAwait(false);
            return new FlushResult(isCanceled: !flushed, isCompleted: false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return s_gone;
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
