using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Sluice.Channels.Buffers;
using Sluice.Channels.Reading;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Hosting.Connections;

/// <summary>Receives for a connection, and translates errors to the exceptions that Kestrel expects.</summary>
internal sealed class TransportSource(TransportConnection connection, StreamTransport transport) : IByteSource
{
    public int TryReceive(SegmentQueue into)
    {
        try
        {
            return Note(transport.TryReceive(into));
        }
        catch (IOException exception)
        {
            throw Translate(exception);
        }
    }

    public int TryReceive(Span<byte> destination)
    {
        try
        {
            return Note(transport.TryReceive(destination));
        }
        catch (IOException exception)
        {
            throw Translate(exception);
        }
    }

    public PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken) => transport.WaitReadableAsync(cancellationToken);

    public Exception ReadFailure(WaitOutcome outcome) => outcome == WaitOutcome.TimedOut
        ? transport.ReadFailure(outcome)
        : new ConnectionAbortedException(connection.AbortReason?.Message ?? "The connection was closed.", connection.AbortReason!);

    public bool IsSignallable => transport.IsSignallable;

    public void SignalReadable() => transport.SignalReadable();

    public void InterruptRead() => transport.InterruptRead();

    private int Note(int count)
    {
        if (count == 0)
        {
            connection.OnPeerEnded();
        }

        return count;
    }

    private IOException Translate(IOException exception)
    {
        connection.OnGone();
        return exception.InnerException is SocketException
        {
            SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.NotConnected,
        }
            ? new ConnectionResetException(exception.Message, exception)
            : exception;
    }
}
