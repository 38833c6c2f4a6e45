using System.Buffers;
using Sluice.Channels.Reading;
using Sluice.Scheduling;

namespace Sluice;

// For a layer (TLS) that makes another channel of this one, and a pool of connections, which have to know beforehand whether a read would wait.
public sealed partial class ByteReadChannel
{
    /// <summary>
    /// Gets or sets a value indicating whether a TLS session reads here. A read of it ends no sooner than bytes come, so no wait here times out: those of the
    /// channel above do, for its event is that of <see cref="CreateReadEventAbove"/>.
    /// </summary>
    internal bool IsBelowTls { get; set; }

    /// <inheritdoc cref="Channels.Reading.IByteSource.CreateReadEventAbove"/>
    internal ReadinessEvent CreateReadEventAbove() => _source.CreateReadEventAbove();

    /// <summary>Refuses all reads from now on, except those of <see cref="ReadClaimedAsync"/> and <see cref="LookAhead"/>.</summary>
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

    /// <summary>Receives once, without waiting, and consumes nothing. Whether the stream is open and has no bytes yet.</summary>
    /// <exception cref="InvalidOperationException">A read is in progress.</exception>
    /// <exception cref="IOException">The peer has reset, or the network failed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is closed.</exception>
    internal bool LookForSilence()
    {
        Begin();
        try
        {
            // Without the signal, only what an event has reported is seen.
            _source.SignalReadable();
            return Buffered.IsEmpty && TryFill() == IByteSource.WouldBlock && Buffered.IsEmpty;
        }
        finally
        {
            End();
        }
    }

    /// <summary>Receives, without waiting, until <paramref name="count"/> bytes are buffered, and consumes none.</summary>
    /// <param name="count">The number of bytes to buffer.</param>
    /// <param name="first">Receives a copy of the first of them.</param>
    /// <param name="isLast">Whether the stream has ended: no more bytes come.</param>
    /// <returns>How many bytes are buffered.</returns>
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
}
