using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Sluice.Scheduling;

namespace Sluice.Channels.Adapters;

/// <summary>Presents a channel as a <see cref="PipeWriter"/>.</summary>
internal sealed class ChannelPipeWriter(ByteWriteChannel channel) : PipeWriter
{
    private bool _completed;

    // The length of the leased memory; 0 if none is leased.
    private int _room;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => channel.UnsentBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfCompleted();
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        Memory<byte> memory = channel.GetPipeMemory(sizeHint);
        _room = memory.Length;
        return memory;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)_room, nameof(bytes));
        if (_room > 0)
        {
            _room = 0;
            channel.AdvancePipe(bytes);
        }
    }

    // As the framework's pipes do, accepts a flush after the completion.
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        _completed || channel.IsReaderGone ? new(Ended()) : FlushCoreAsync(cancellationToken);

    // As the framework's pipes do, a write with a cancelled token leaves nothing for a later flush to send.
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<FlushResult>(cancellationToken)
            : base.WriteAsync(source, cancellationToken);
    }

    public override void CancelPendingFlush() => channel.CancelFlush();

    public override void Complete(Exception? exception = null)
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        _room = 0;
        channel.EndLease();
        if (exception is not null)
        {
            channel.CompleteBecause(exception);
        }
        else
        {
            channel.CompleteNow();
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<FlushResult> FlushCoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            bool flushed = await channel.TryFlushAsync(cancellationToken).ConfigureAwait(false);
            return new FlushResult(isCanceled: !flushed, isCompleted: false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException && channel.IsReaderGone)
        {
            return Ended();
        }
    }

    private FlushResult Ended() => new(channel.TakeFlushCanceled(), channel.IsReaderGone);

    private void ThrowIfCompleted()
    {
        if (_completed)
        {
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        }
    }
}
