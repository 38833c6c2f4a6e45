using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice.Channels.Reading;

/// <summary>Where a <see cref="ByteReadChannel"/> gets its bytes from.</summary>
internal interface IByteSource
{
    /// <summary>What <see cref="TryReceive"/> returns when nothing is there yet.</summary>
    const int WouldBlock = -1;

    /// <summary>What measures the time of those who wait.</summary>
    TimeProvider TimeProvider => TimeProvider.System;

    /// <summary>Receives what is there. 0 at the end of the stream, <see cref="WouldBlock"/> when it has to be waited for.</summary>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    int TryReceive(Span<byte> buffer);

    /// <summary>Waits until <see cref="TryReceive"/> is worth a try. Anything but <see cref="WaitOutcome.Ready"/> says why not.</summary>
    ValueTask<WaitOutcome> WaitReceivableAsync(CancellationToken cancellationToken);

    /// <summary>What to throw for a wait that ended with <paramref name="signal"/>.</summary>
    Exception ReceiveFailure(WaitOutcome signal);

    /// <summary>The other end in a message; null if it has no name. Asked for only when something has failed.</summary>
    string? PeerName => null;

    /// <summary>Ends the wait in progress, if there is one, with <see cref="WaitOutcome.Interrupted"/>.</summary>
    void InterruptReceive();

    /// <summary>Whether <see cref="SignalReceivable"/> works here.</summary>
    bool IsSignallable => false;

    /// <summary>
    /// Ends the wait in progress, or the next one, as if something had come, and has the next receive ask the system. Runs nothing of who waits.
    /// </summary>
    void SignalReceivable()
    {
    }

    /// <summary>Says that nobody will receive any more, and why, if there is a reason. No receive or wait is in progress.</summary>
    void CompleteReceiving(Exception? cause)
    {
    }

    /// <summary>Whether a receive has failed so only because there was no memory for it.</summary>
    bool IsLackOfMemory(Exception exception) => false;

    /// <summary>A way to <paramref name="sink"/> that does not lead through our memory; null if there is none.</summary>
    ISplice? OpenSplice(IByteSink sink) => null;
}
