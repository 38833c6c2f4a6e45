using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

/// <summary>Takes the bytes of a <see cref="ByteWriteChannel"/>.</summary>
internal interface IByteSink
{
    /// <summary>The clock of every wait.</summary>
    TimeProvider TimeProvider => TimeProvider.System;

    /// <summary>How long a writer that is done waits for its bytes to be taken.</summary>
    TimeSpan CloseTimeout => StreamSocketOptions.DefaultCloseTimeout;

    /// <summary>The scheduler that runs the continuations of waits for this sink.</summary>
    IScheduler Scheduler { get; }

    /// <summary>Whether the methods call user code: then they are called in a turn, which can be taken over, or on a thread that runs no loop.</summary>
    bool CallsUserCode => false;

    /// <summary>Creates the event at which the writer waits for progress.</summary>
    ReadinessEvent CreateProgressEvent();

    /// <summary>
    /// Takes as many bytes as it can now. If <paramref name="pending"/> comes out true, it took none yet, and <paramref name="bytes"/> have to stay
    /// unchanged until it calls <see cref="ISinkClient.OnSinkReady"/>, which may be before this returns.
    /// </summary>
    /// <returns>The number of bytes taken.</returns>
    /// <exception cref="IOException">The peer reset the connection, or the network failed.</exception>
    int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending);

    /// <summary>Takes as many bytes as it can before this returns, perhaps none, and does not call back.</summary>
    /// <returns>The number of bytes taken.</returns>
    /// <exception cref="IOException">The peer reset the connection, or the network failed.</exception>
    int TrySendDirect(ReadOnlySpan<byte> bytes) => 0;

    /// <summary>
    /// The number of bytes from which on <see cref="TrySendDirect"/> pays: a copy of that many costs more than the system call that collecting bytes
    /// saves. Does not change.
    /// </summary>
    int DirectSendThreshold => 16 * 1024;

    /// <summary>Gets a number that changes with each receive from the same peer; null where nothing is known of receives.</summary>
    int? Receives => null;

    /// <summary>Creates the exception for a wait at the progress event that timed out.</summary>
    Exception SendTimeout();

    /// <summary>Opens part of a file as a payload that is sent from where it is; null if this sink cannot do that.</summary>
    IExternalPayload? OpenFile(SafeFileHandle file, long offset, long count) => null;

    /// <summary>
    /// Whether a failed transfer means that no reader is left. For the writer of a pipe that is no error: <see cref="FlushResult.IsCompleted"/>
    /// reports it.
    /// </summary>
    bool HasLostReader(IOException failure) => failure.InnerException is SocketException;

    /// <summary>The object name in an <see cref="ObjectDisposedException"/> after a close.</summary>
    string ClosedName { get; }

    /// <summary>The name of the other end for a message; null if it has none. Only read after a failure.</summary>
    string? PeerName => null;

    /// <summary>Creates the exception for a write after a close on this side.</summary>
    ObjectDisposedException Closed() => new(ClosedName);

    /// <summary>Tells the peer that no more bytes will come.</summary>
    void ShutdownOutput();

    /// <summary>Tells the peer that bytes are missing and will not come.</summary>
    void AbortOutput(Exception cause);
}
