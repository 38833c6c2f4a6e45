using System.Runtime.CompilerServices;
using Sluice.Channels;
using Sluice.Channels.Reading;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    private const int NotLent = 0;
    private const int Lent = 1;

    // The channel is closed, and a caller has released the buffer.
    private const int Returned = 2;

    // The bytes at the front of the buffer that a caller was handed, and that go when the next read begins.
    private long _loan;
    private int _loanState;

    /// <summary>One read: at once if what it looks for is in the buffer, else as more comes.</summary>
    private ValueTask<T> RunAsync<TStep, T>(TStep step, CancellationToken cancellationToken)
        where TStep : struct, IReadStep<T>
    {
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        Begin();
        return RunBegunAsync<TStep, T>(step, cancellationToken);
    }

    private ValueTask<T> RunBegunAsync<TStep, T>(TStep step, CancellationToken cancellationToken)
        where TStep : struct, IReadStep<T>
    {
        bool pending = false;
        try
        {
            if (_skipLineFeed is null && TryStep(ref step, ended: false, out T result))
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

        return RunSlowAsync<TStep, T>(step, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> RunSlowAsync<TStep, T>(TStep step, CancellationToken cancellationToken)
        where TStep : struct, IReadStep<T>
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
                else if (filled == 0 ? TryLastStep(ref step, out T result) : TryStep(ref step, ended: false, out result))
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

    // Nothing more comes. What a step throws of that, it throws without knowing the peer.
    private bool TryLastStep<TStep, T>(ref TStep step, out T result)
        where TStep : struct, IReadStep<T>
    {
        try
        {
            return TryStep(ref step, ended: true, out result);
        }
        catch (EndOfStreamException exception) when (exception.GetType() == typeof(EndOfStreamException) && PeerName is not null)
        {
            throw Failures.From(PeerName, exception);
        }
    }

    private bool TryStep<TStep, T>(ref TStep step, bool ended, out T result)
        where TStep : struct, IReadStep<T>
    {
        var taking = new Taking(TotalBytesRead, ended);
        bool done = step.TryTake(Buffered, ref taking, out result);
        if (taking.Lent)
        {
            Lend(taking.Consumed);
        }
        else if (taking.Consumed > 0)
        {
            Consume(taking.Consumed);
        }

        if (taking.SkipLineFeed is { } scanner)
        {
            _skipLineFeed = scanner;
        }

        return done;
    }

    private void Lend(long count)
    {
        LendCore(count);
        TotalBytesRead += count;
    }

    /// <summary>Keeps bytes at the front of the buffer until the next read begins, because somebody looks at them, and drops them then.</summary>
    private protected virtual void LendCore(long count)
    {
        _loan = count;
        _loanState = Lent;
    }

    private void TakeBackLoan()
    {
        ConsumeCore(_loan);
        _loan = 0;
        _loanState = NotLent;
    }
}
