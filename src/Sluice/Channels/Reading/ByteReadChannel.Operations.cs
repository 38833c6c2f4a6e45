using System.Runtime.CompilerServices;
using Sluice.Channels.Reading;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    private const int NotHeld = 0;
    private const int Held = 1;

    // The channel is closed, and a caller has released the buffer.
    private const int Released = 2;

    // The bytes at the front of the buffer that a caller was handed, and that go when the next read begins.
    private long _heldBytes;
    private int _holdState;

    /// <summary>One read: at once if what it looks for is in the buffer, else as more comes.</summary>
    private ValueTask<T> RunAsync<TOperation, T>(TOperation operation, CancellationToken cancellationToken)
        where TOperation : struct, IReadOperation<T>
    {
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        Begin();
        return RunBegunAsync<TOperation, T>(operation, cancellationToken);
    }

    private ValueTask<T> RunBegunAsync<TOperation, T>(TOperation operation, CancellationToken cancellationToken)
        where TOperation : struct, IReadOperation<T>
    {
        bool pending = false;
        try
        {
            if (_skipLineFeed is null && TryParse(ref operation, ended: false, out T result))
            {
                return new ValueTask<T>(result);
            }

            pending = true;
        }
        finally
        {
            if (!pending)
            {
                End();
            }
        }

        return RunSlowAsync<TOperation, T>(operation, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> RunSlowAsync<TOperation, T>(TOperation operation, CancellationToken cancellationToken)
        where TOperation : struct, IReadOperation<T>
    {
        try
        {
            if (cancellationToken.IsCancellationRequested)
            {
                BeginLastReceive(cancellationToken);
            }

            while (true)
            {
                int filled = TryFill();
                if (filled == IByteSource.WouldBlock)
                {
                    ThrowUnlessUsable(await WaitAsync(cancellationToken).ConfigureAwait(false));
                }
                else if (filled == 0 ? TryParseLast(ref operation, out T result) : TryParse(ref operation, ended: false, out result))
                {
                    return result;
                }
            }
        }
        finally
        {
            End();
        }
    }

    // Nothing more comes. What a operation throws of that, it throws without knowing the peer.
    private bool TryParseLast<TOperation, T>(ref TOperation operation, out T result)
        where TOperation : struct, IReadOperation<T>
    {
        try
        {
            return TryParse(ref operation, ended: true, out result);
        }
        catch (EndOfStreamException exception) when (exception.GetType() == typeof(EndOfStreamException) && PeerName is not null)
        {
            throw Failures.From(PeerName, exception);
        }
    }

    private bool TryParse<TOperation, T>(ref TOperation operation, bool ended, out T result)
        where TOperation : struct, IReadOperation<T>
    {
        var context = new ReadContext(TotalBytesRead, ended);
        bool done = operation.TryParse(Buffered, ref context, out result);
        if (context.Held)
        {
            Hold(context.Consumed);
        }
        else if (context.Consumed > 0)
        {
            Consume(context.Consumed);
        }

        if (context.SkipLineFeed is { } scanner)
        {
            _skipLineFeed = scanner;
        }

        return done;
    }

    private void Hold(long count)
    {
        HoldCore(count);
        TotalBytesRead += count;
    }

    /// <summary>Keeps bytes at the front of the buffer until the next read begins, because somebody looks at them, and drops them then.</summary>
    private protected virtual void HoldCore(long count)
    {
        _heldBytes = count;
        _holdState = Held;
    }

    private void ReleaseHeld()
    {
        ConsumeCore(_heldBytes);
        _heldBytes = 0;
        _holdState = NotHeld;
    }
}
