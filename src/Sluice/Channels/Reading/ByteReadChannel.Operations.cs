using System.Runtime.CompilerServices;
using Sluice.Channels.Reading;
using Sluice.Channels.Reading.Operations;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>Runs one read: at once if the buffer holds its result, else as more bytes come.</summary>
    internal ValueTask<T> RunAsync<TOperation, T>(TOperation operation, CancellationToken cancellationToken)
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
            if (TryParse(ref operation, ended: false, out T result))
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

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
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
                    ThrowUnlessUsable(await WaitReadableAsync(cancellationToken));
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

    // Nothing more comes. An operation does not know the peer, so its exception gets the name here.
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
        var context = new ReadContext(TotalBytesRead, ended, _slice is { IsTee: true } ? this : null);
        bool done = operation.TryParse(Buffered, ref context, out result);
        if (context.Held)
        {
            Hold(context.Consumed);
        }
        else if (context.Consumed > 0)
        {
            Consume(context.Consumed);
        }

        if (context.SkipLineFeed is { } finder)
        {
            AwaitLineFeed(finder);
        }

        return done;
    }
}
