using Sluice.Channels.Buffers;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice.Channels.Reading;

/// <summary>Provides the bytes of a <see cref="ByteReadChannel"/>.</summary>
/// <remarks>
/// The channel's reader alone receives and waits, one call at a time. Any thread may interrupt, signal, or read a property.
/// </remarks>
internal interface IByteSource
{
    /// <summary>The result of a receive that finds nothing yet: <see cref="WaitReadableAsync"/> comes next.</summary>
    const int WouldBlock = -1;

    /// <summary>Gets the clock that measures the timeouts of reads.</summary>
    TimeProvider TimeProvider => TimeProvider.System;

    /// <summary>Gets the name of the peer for messages; null if it has none. Used only after a failure.</summary>
    string? PeerName => null;

    /// <summary>Gets a value indicating whether <see cref="SignalReadable"/> has an effect.</summary>
    bool IsSignallable => false;

    /// <summary>Receives into a queue, at most <see cref="SegmentQueue.LargestSegment"/> bytes.</summary>
    /// <returns>How many bytes were received; 0 at the end of the stream; <see cref="WouldBlock"/> if there is nothing yet.</returns>
    /// <remarks>Leases memory only once there is something to receive, so that a read that has to wait rents none.</remarks>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    int TryReceive(SegmentQueue into);

    /// <summary>Receives into memory of the caller, for a large read while the buffer is empty.</summary>
    /// <inheritdoc cref="TryReceive(SegmentQueue)" path="/returns"/>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    int TryReceive(Span<byte> destination);

    /// <summary>Waits until a receive is worth a try. Every outcome but <see cref="WaitOutcome.Ready"/> says why the wait ended early.</summary>
    PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken);

    /// <summary>Creates the exception for a wait that ended with <paramref name="outcome"/>.</summary>
    Exception ReadFailure(WaitOutcome outcome);

    /// <summary>Ends the wait in progress, if there is one, with <see cref="WaitOutcome.Interrupted"/>.</summary>
    void InterruptRead();

    /// <summary>
    /// Ends the wait in progress, or the next one, with <see cref="WaitOutcome.Ready"/>, and makes the next receive ask the system. Runs no code
    /// of the reader.
    /// </summary>
    void SignalReadable()
    {
    }

    /// <summary>
    /// Whether bytes that were received for this source wait in a channel below, so that the next receive asks no system for them. Only the reader may call this.
    /// </summary>
    bool HoldsReceived => false;

    /// <summary>
    /// Whether the last receive took all that there was, so that what follows is still under way. Only the reader may call this.
    /// </summary>
    bool IsDrained => false;

    /// <summary>
    /// Creates the event at which the reader of a channel above, whose bytes this receives in another form, waits for a read of this to end. It has the timeout
    /// of the reads of this. The same event at each call.
    /// </summary>
    ReadinessEvent CreateReadEventAbove() => new(ThreadPoolScheduler.Instance);

    /// <summary>Ends reading from the source. Called once, while no receive and no wait is in progress.</summary>
    /// <param name="cause">Why the channel was closed; null for no reason.</param>
    void CompleteReading(Exception? cause)
    {
    }

    /// <summary>Opens a way to <paramref name="sink"/> that copies no byte to this process; null if there is none.</summary>
    ISplice? OpenSplice(IByteSink sink) => null;
}
