using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Sluice.Channels.Reading;
using Sluice.Scheduling;

namespace Sluice.Channels.Adapters;

/// <summary>Represents a channel as a <see cref="PipeReader"/>, over the channel's own buffer.</summary>
/// <remarks>From a read until its <c>AdvanceTo</c>, the pipe reader is the channel's reader.</remarks>
internal sealed class ChannelPipeReader(ByteReadChannel channel) : PipeReader
{
    private const long Nothing = -1;

    // Used by the one caller that reads from the pipe, except where a comment says otherwise.
    private bool _completed;

    // Whether a result is handed out and not advanced yet, and whether the channel's end is.
    private bool _isReadOut;
    private bool _ended;

    // Whether the last TryRead found nothing: the caller may advance by a default position then.
    private bool _triedInVain;

    // The channel's ReceivedEnd at an AdvanceTo that had examined everything: the next read waits until it differs.
    private long _examinedEnd = Nothing;

    // Whether the result that is handed out is that of a cancelled read. Interlocked: its caller need not advance before the next read.
    private bool _isReadCanceled;

    // Set by any thread, taken by the next result. Interlocked.
    private bool _cancelRequested;

    public ByteReadChannel Channel => channel;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => ReadAtLeastAsyncCore(1, cancellationToken);

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfCompleted();
        Begin();
        bool got = false;
        try
        {
            got = TryGetResult(1, out result) || (TryFill() != IByteSource.WouldBlock && TryGetResult(1, out result));
            if (!got)
            {
                _triedInVain = true;
                result = default;
            }

            return got;
        }
        finally
        {
            if (!got)
            {
                channel.End();
            }
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ThrowIfCompleted();
        if (!_isReadOut)
        {
            // The framework's pipes allow this after a try that found nothing.
            if (_triedInVain && consumed.GetObject() is null)
            {
                _triedInVain = false;
                return;
            }

            throw new InvalidOperationException("There is no read to advance; read first.");
        }

        ReadOnlySequence<byte> buffered = channel.Buffered;
        long consumedLength = LengthUntil(buffered, consumed);
        long examinedLength = LengthUntil(buffered, examined);
        if (examinedLength < consumedLength)
        {
            throw new InvalidOperationException("More was consumed than examined.");
        }

        bool isExamined = examinedLength == buffered.Length;
        _examinedEnd = Nothing;
        try
        {
            // The writer to which a view copies may throw: then nothing is consumed, and the next read returns the same bytes.
            channel.Consume(consumedLength);
            _examinedEnd = isExamined ? channel.ReceivedEnd : Nothing;
        }
        finally
        {
            EndRead();
        }
    }

    public override void CancelPendingRead()
    {
        Interlocked.Exchange(ref _cancelRequested, true);
        channel.InterruptRead();
    }

    public override void Complete(Exception? exception = null)
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        channel.Cancel(exception);
        if (_isReadOut)
        {
            EndRead();
        }
    }

    protected override ValueTask<ReadResult> ReadAtLeastAsyncCore(int minimumSize, CancellationToken cancellationToken)
    {
        ThrowIfCompleted();
        if (channel.IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        Begin();
        int minimum = Math.Max(minimumSize, 1);
        return TryGetResult(minimum, out ReadResult result) ? new ValueTask<ReadResult>(result) : ReadSlowAsync(minimum, cancellationToken);
    }

    // A default position is that of a result without bytes.
    private static long LengthUntil(in ReadOnlySequence<byte> bytes, SequencePosition position) =>
        position.GetObject() is null ? 0 : bytes.Slice(0, position).Length;

    private void Begin()
    {
        // A cancelled read that its caller has not advanced ends with the next read.
        if (_isReadOut && Interlocked.Exchange(ref _isReadCanceled, false))
        {
            EndRead();
        }

        channel.Begin();
        _triedInVain = false;
    }

    private void EndRead()
    {
        _isReadOut = false;
        channel.End();
    }

    // True: the result is handed out, and the pipe reader stays the channel's reader.
    private bool TryGetResult(int minimum, out ReadResult result)
    {
        bool canceled = Interlocked.Exchange(ref _cancelRequested, false);
        ReadOnlySequence<byte> buffered = channel.Buffered;
        bool ready = _ended || (buffered.Length >= minimum && channel.ReceivedEnd != _examinedEnd);
        result = new ReadResult(buffered, canceled, _ended);
        _isReadCanceled = canceled;
        return _isReadOut = canceled || ready;
    }

    private int TryFill()
    {
        int filled = channel.TryFill();
        _ended = filled == 0;
        return filled;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadSlowAsync(int minimum, CancellationToken cancellationToken)
    {
        bool got = false;
        try
        {
            if (cancellationToken.IsCancellationRequested)
            {
                channel.BeginLastReceive(cancellationToken);
            }

            ReadResult result;
            while (!TryGetResult(minimum, out result))
            {
                if (TryFill() == IByteSource.WouldBlock)
                {
                    channel.ThrowUnlessUsable(await WaitReadableAsync(cancellationToken));
                }
            }

            got = true;
            return result;
        }
        finally
        {
            if (!got)
            {
                channel.End();
            }
        }
    }

    // First the wait and then the look at the request; CancelPendingRead sets the request first and then interrupts.
    private PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken)
    {
        PooledTask<WaitOutcome> wait = channel.WaitReadableAsync(cancellationToken);
        if (Volatile.Read(ref _cancelRequested))
        {
            channel.InterruptRead();
        }

        return wait;
    }

    private void ThrowIfCompleted()
    {
        if (_completed)
        {
            throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
        }
    }
}
