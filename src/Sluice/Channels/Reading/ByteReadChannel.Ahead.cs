using System.Buffers;
using Sluice.Scheduling;

namespace Sluice;

/// <summary>For whoever makes another channel of this one, and wants to know beforehand whether a read would wait.</summary>
public abstract partial class ByteReadChannel
{
    /// <summary>From now on only the methods here can be used.</summary>
    internal void Claim()
    {
        Begin();
        _rest = Claimed;
        End();
    }

    /// <inheritdoc cref="ReadAsync"/>
    internal ValueTask<int> ReadClaimedAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        BeginFrom(Claimed);
        return ReadBegunAsync(destination, cancellationToken);
    }

    /// <summary>Receives, without waiting, until so many bytes are there, and consumes none.</summary>
    /// <param name="count">How many are wanted.</param>
    /// <param name="first">Where to put the first of them.</param>
    /// <param name="isLast">Whether no more will come.</param>
    /// <returns>How many are there.</returns>
    internal long LookAhead(int count, Span<byte> first, out bool isLast)
    {
        BeginFrom(Claimed);
        try
        {
            isLast = false;
            while (Buffered.Length < count && !isLast)
            {
                int received = TryFill();
                if (received < 0)
                {
                    break;
                }

                isLast = received == 0;
            }

            ReadOnlySequence<byte> buffered = Buffered;
            buffered.Slice(0, Math.Min(buffered.Length, first.Length)).CopyTo(first);
            return buffered.Length;
        }
        finally
        {
            End();
        }
    }

    /// <summary>Waits until <see cref="LookAhead"/> may see more.</summary>
    internal ValueTask<WaitOutcome> WaitForMoreAsync(CancellationToken cancellationToken) => WaitAsync(cancellationToken);

    /// <summary>What to throw for a wait for more that ended so.</summary>
    internal Exception FailureOf(WaitOutcome signal) => Failure(signal);

    /// <summary>Ends the wait in progress, if there is one.</summary>
    internal void InterruptWait() => Interrupt();
}
