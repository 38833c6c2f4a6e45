using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Sluice.Channels.Buffers;
using Sluice.Scheduling;

namespace Sluice.Channels.Reading;

/// <summary>Receives from a pipe. Holds no bytes of the pipe between two calls.</summary>
internal sealed class PipeSource(PipeReader reader) : IByteSource
{
    private const string Actor = "The pipe";

    // Both are used by the channel's reader. Some pipes report their end once, and afterwards only that there is nothing.
    private bool _ended;

    // A wait that failed. The next receive throws it.
    private ExceptionDispatchInfo? _failure;

    public int TryReceive(SegmentQueue into)
    {
        if (!TryRead(out ReadResult result))
        {
            return _ended ? 0 : IByteSource.WouldBlock;
        }

        int count = 0;
        try
        {
            if (!result.Buffer.IsEmpty)
            {
                count = CopyTo(into.Lease(1).Span, result.Buffer);
                into.Commit(count);
            }
        }
        finally
        {
            Advance(result, count);
        }

        return ResultOf(count);
    }

    public int TryReceive(Span<byte> destination)
    {
        if (!TryRead(out ReadResult result))
        {
            return _ended ? 0 : IByteSource.WouldBlock;
        }

        int count = CopyTo(destination, result.Buffer);
        Advance(result, count);
        return ResultOf(count);
    }

    public PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken)
    {
        ValueTask<ReadResult> read = reader.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new PooledTask<WaitOutcome>(Look(read.Result)) : WaitSlowAsync(read, cancellationToken);
    }

    public Exception ReadFailure(WaitOutcome outcome) => new ObjectDisposedException(nameof(PipeReader));

    public void InterruptRead() => reader.CancelPendingRead();

    public void CompleteReading(Exception? cause) => reader.Complete(cause);

    private static int CopyTo(Span<byte> destination, in ReadOnlySequence<byte> bytes)
    {
        int count = (int)Math.Min(bytes.Length, destination.Length);
        bytes.Slice(0, count).CopyTo(destination);
        return count;
    }

    private bool TryRead(out ReadResult result)
    {
        _failure?.Throw();
        result = default;
        try
        {
            return !_ended && reader.TryRead(out result);
        }
        catch (OperationCanceledException exception)
        {
            throw exception.ForCallerOf(Actor, CancellationToken.None);
        }
    }

    private int ResultOf(int count) => count > 0 || _ended ? count : IByteSource.WouldBlock;

    private async PooledTask<WaitOutcome> WaitSlowAsync(ValueTask<ReadResult> read, CancellationToken cancellationToken)
    {
        try
        {
            return Look(await read.ConfigureAwait(false));
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            if (exception.IsOf(cancellationToken))
            {
                throw;
            }

            throw exception.ForCallerOf(Actor, cancellationToken);
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(
                exception is OperationCanceledException canceled ? canceled.ForCallerOf(Actor, CancellationToken.None) : exception);
            return WaitOutcome.Ready;
        }
        finally
        {
            await cancellationToken.LeaveCancelAsync();
        }
    }

    private WaitOutcome Look(in ReadResult result)
    {
        Advance(result, 0);
        return result.IsCanceled ? WaitOutcome.Interrupted : WaitOutcome.Ready;
    }

    private void Advance(in ReadResult result, int consumed)
    {
        _ended = result.IsCompleted && result.Buffer.IsEmpty;
        reader.AdvanceTo(result.Buffer.GetPosition(consumed));
    }
}
