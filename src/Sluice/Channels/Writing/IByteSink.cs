using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

/// <summary>Where a <see cref="ByteWriteChannel"/> puts its bytes.</summary>
internal interface IByteSink
{
    /// <summary>What measures the time of those who wait.</summary>
    TimeProvider TimeProvider => TimeProvider.System;

    /// <summary>How long a writer that is done waits for what it has written to be taken.</summary>
    TimeSpan CloseTimeout => StreamSocketOptions.DefaultCloseTimeout;

    /// <summary>Where what waits for it goes on.</summary>
    IScheduler Scheduler { get; }

    /// <summary>Whether its methods call code of the user's: then they are called where a loop can be taken over, or on a thread that runs none.</summary>
    bool CallsUserCode => false;

    /// <summary>Makes the event that the writer waits on for progress.</summary>
    ReadinessEvent CreateProgressEvent();

    /// <summary>
    /// Takes what can be taken now, and returns how much that was. When <paramref name="pending"/> comes out true it took nothing yet, and
    /// <paramref name="bytes"/> have to stay as they are until <see cref="ISinkClient.OnSinkReady"/> is called, which may be before this
    /// returns.
    /// </summary>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending);

    /// <summary>Takes what can be taken before this returns, perhaps nothing, and does not call back.</summary>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    int TrySendDirect(ReadOnlySpan<byte> bytes) => 0;

    /// <summary>
    /// From how many bytes on <see cref="TrySendDirect"/> is worth it: where a copy costs more than the call that putting bytes together saves.
    /// </summary>
    int DirectSendThreshold => 16 * 1024;

    /// <summary>What to throw when a wait at the progress event timed out.</summary>
    Exception SendTimeout();

    /// <summary>Part of a file, to be sent from where it is; null if that cannot be done.</summary>
    IExternalPayload? OpenFile(SafeFileHandle file, long offset, long count) => null;

    /// <summary>
    /// Whether a failed transfer says that no reader is left, which is no error of a pipe's writer: <see cref="FlushResult.IsCompleted"/>
    /// tells it.
    /// </summary>
    bool HasLostReader(IOException failure) => failure.InnerException is SocketException;

    /// <summary>What an <see cref="ObjectDisposedException"/> names when it is closed.</summary>
    string ClosedName { get; }

    /// <summary>The other end in a message; null if it has no name. Asked for only when something has failed.</summary>
    string? PeerName => null;

    /// <summary>What a write is thrown because the sink is closed on this side.</summary>
    ObjectDisposedException Closed() => new(ClosedName);

    /// <summary>Tells the peer that nothing more will come.</summary>
    void ShutdownOutput();

    /// <summary>Tells the peer that what came is not all, nor will be.</summary>
    void AbortOutput(Exception cause);
}
