using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Sluice.Scheduling;

namespace Sluice.Channels.Reading;

/// <summary>Receives from a pipe. Between calls, nothing of the pipe is held.</summary>
internal sealed class PipeSource(PipeReader reader) : IByteSource
{
    // Some readers say so once, and then only that there is nothing.
    private bool _ended;

    // What a wait has found wrong is for who receives.
    private ExceptionDispatchInfo? _failure;

    public int TryReceive(Span<byte> buffer)
    {
        _failure?.Throw();
        if (_ended || !reader.TryRead(out ReadResult result))
        {
            return _ended ? 0 : IByteSource.WouldBlock;
        }

        int count = (int)Math.Min(result.Buffer.Length, buffer.Length);
        ReadOnlySequence<byte> taken = result.Buffer.Slice(0, count);
        taken.CopyTo(buffer);
        Advance(result, taken.End);
        return count > 0 || _ended ? count : IByteSource.WouldBlock;
    }

    public ValueTask<WaitOutcome> WaitReceivableAsync(CancellationToken cancellationToken)
    {
        ValueTask<ReadResult> read = reader.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<WaitOutcome>(Look(read.Result)) : WaitSlowAsync(read, cancellationToken);
    }

    public Exception ReceiveFailure(WaitOutcome signal) => new ObjectDisposedException(nameof(PipeReader));

    public void InterruptReceive() => reader.CancelPendingRead();

    public void CompleteReceiving(Exception? cause) => reader.Complete(cause);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<WaitOutcome> WaitSlowAsync(ValueTask<ReadResult> read, CancellationToken cancellationToken)
    {
        try
        {
            return Look(await read.ConfigureAwait(false));
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsForgottenBy(exception))
        {
            throw exception.CanceledBy(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            return WaitOutcome.Ready;
        }
        finally
        {
            await cancellationToken.LeaveCancelAsync();
        }
    }

    private WaitOutcome Look(in ReadResult result)
    {
        Advance(result, result.Buffer.Start);
        return result.IsCanceled ? WaitOutcome.Interrupted : WaitOutcome.Ready;
    }

    private void Advance(in ReadResult result, SequencePosition consumed)
    {
        _ended = result.IsCompleted && result.Buffer.IsEmpty;
        reader.AdvanceTo(consumed);
    }
}
