using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Sluice.Channels.Reading;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Hosting.Connections;

/// <summary>Receives for a connection, and translates errors to the exceptions that Kestrel expects.</summary>
internal sealed class TransportSource(TransportConnection connection, StreamTransport transport) : IByteSource
{
    public int TryReceive(Span<byte> buffer)
    {
        try
        {
            int count = transport.TryReceive(buffer);
            if (count == 0)
            {
                connection.OnPeerEnded();
            }

            return count;
        }
        catch (IOException exception)
        {
            connection.OnGone();
            throw Translate(exception);
        }
    }

    public ValueTask<WaitOutcome> WaitReceivableAsync(CancellationToken cancellationToken) => transport.WaitReceivableAsync(cancellationToken);

    public Exception ReceiveFailure(WaitOutcome signal) => signal == WaitOutcome.TimedOut
        ? transport.ReceiveFailure(signal)
        : new ConnectionAbortedException(connection.AbortReason?.Message ?? "The connection was closed.", connection.AbortReason!);

    public bool IsSignallable => transport.IsSignallable;

    public void SignalReceivable() => transport.SignalReceivable();

    public void InterruptReceive() => transport.InterruptReceive();

    private static IOException Translate(IOException exception) =>
        exception.InnerException is SocketException
        {
            SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.NotConnected,
        }
            ? new ConnectionResetException(exception.Message, exception)
            : exception;
}
