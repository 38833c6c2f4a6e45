using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Sluice.Engine.Datagrams;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class DatagramSocket
{
    /// <summary>The longest UDP datagram, in bytes: an IPv4 packet of 65,535 bytes without its headers (RFC 791, RFC 768).</summary>
    public const int MaxUdpPayload = 65_507;

    /// <summary>Sends a datagram to an end point. Waits only while the send buffer is full.</summary>
    /// <param name="datagram">The bytes of the datagram, which may be empty. They may be reused when the task has completed.</param>
    /// <param name="remoteEndPoint">The receiver: an address, not a name.</param>
    /// <param name="cancellationToken">Ends the wait; the datagram is then not sent.</param>
    /// <returns>A task that completes when the system has accepted the datagram, or will accept it at the end of this turn of the event loop.</returns>
    /// <exception cref="SocketException">The system refuses it: <see cref="SocketError.AccessDenied"/> to a broadcast address without
    /// <see cref="UdpSocketOptions.Broadcast"/>, <see cref="SocketError.MessageSize"/> if it may not be fragmented and is longer than the
    /// path MTU, <see cref="SocketError.NetworkUnreachable"/>. The socket stays usable.</exception>
    /// <exception cref="ArgumentException">The datagram is longer than <see cref="MaxUdpPayload"/>, or a socket of this family cannot send to such an
    /// end point.</exception>
    /// <exception cref="InvalidOperationException">The socket is connected.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> datagram, EndPoint remoteEndPoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(remoteEndPoint);
        Check(datagram.Length, remoteEndPoint, nameof(datagram));
        return SendCoreAsync(datagram, remoteEndPoint, cancellationToken);
    }

    /// <summary>Sends a datagram to the peer of a connected socket. Waits only while the send buffer is full.</summary>
    /// <param name="datagram">The bytes of the datagram, which may be empty. They may be reused when the task has completed.</param>
    /// <param name="cancellationToken">Ends the wait; the datagram is then not sent.</param>
    /// <returns>A task that completes when the system has accepted the datagram, or will accept it at the end of this turn of the event loop.</returns>
    /// <exception cref="SocketException">The system refuses the datagram, or reports that no socket received an earlier one
    /// (<see cref="SocketError.ConnectionRefused"/>). The socket stays usable.</exception>
    /// <exception cref="ArgumentException">The datagram is longer than <see cref="MaxUdpPayload"/>.</exception>
    /// <exception cref="InvalidOperationException">The socket is not connected.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken = default)
    {
        Check(datagram.Length, null, nameof(datagram));
        return SendCoreAsync(datagram, null, cancellationToken);
    }

    /// <summary>Sends datagrams in order, with as few system calls as possible. Waits only while the send buffer is full.</summary>
    /// <param name="datagrams">The datagrams. They and their bytes may be reused when the task has completed.</param>
    /// <param name="cancellationToken">Ends the wait; the remaining datagrams are then not sent.</param>
    /// <returns>The number of datagrams that were sent: fewer than given if the system refuses the next one or the token was cancelled. A call that
    /// sends the rest throws the reason.</returns>
    /// <exception cref="SocketException">The system refuses the first, as in
    /// <see cref="SendAsync(ReadOnlyMemory{byte}, EndPoint, CancellationToken)"/>.</exception>
    /// <exception cref="ArgumentException">A datagram is longer than <see cref="MaxUdpPayload"/>, or a socket of this family cannot send to its end
    /// point. Nothing was sent.</exception>
    /// <exception cref="InvalidOperationException">A datagram has an end point and the socket is connected, or the other way round. Nothing
    /// was sent.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the first was sent.</exception>
    public ValueTask<int> SendBatchAsync(ReadOnlyMemory<OutgoingDatagram> datagrams, CancellationToken cancellationToken = default)
    {
        foreach (ref readonly OutgoingDatagram datagram in datagrams.Span)
        {
            Check(datagram.Payload.Length, datagram.RemoteEndPoint, nameof(datagrams));
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        try
        {
            int sent = Scheduling.LoopTurn.IsBudgetSpent ? 0 : _transport.TrySend(datagrams.Span);
            return sent == datagrams.Length ? new ValueTask<int>(sent) : SendRestAsync(datagrams, sent, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return ValueTask.FromException<int>(exception);
        }
    }

    private async ValueTask<int> SendRestAsync(ReadOnlyMemory<OutgoingDatagram> datagrams, int sent, CancellationToken cancellationToken)
    {
        try
        {
            int rest = await _transport.SendAsync(datagrams[sent..], cancellationToken).ConfigureAwait(false);
            GC.KeepAlive(this);
            return sent + rest;
        }
        catch (Exception exception) when (sent > 0 && exception is SocketException or OperationCanceledException)
        {
            return sent;
        }
    }

    private ValueTask SendCoreAsync(ReadOnlyMemory<byte> datagram, EndPoint? remote, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            return !Scheduling.LoopTurn.IsBudgetSpent && _transport.TrySend(datagram.Span, remote)
                ? ValueTask.CompletedTask
                : SendSlowAsync(datagram, remote, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return ValueTask.FromException(exception);
        }
    }

    // Keeps the socket alive during the wait: a pending send uses it.
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask SendSlowAsync(ReadOnlyMemory<byte> datagram, EndPoint? remote, CancellationToken cancellationToken)
    {
        await _transport.SendAsync(datagram, remote, cancellationToken).ConfigureAwait(false);
        GC.KeepAlive(this);
    }

    private void Check(int length, EndPoint? remote, string parameter)
    {
        if (remote is null != _transport.RemoteEndPoint is not null)
        {
            throw new InvalidOperationException(
                remote is null ? "This socket is not connected; a send needs an end point." : $"This socket is connected to {_transport.RemoteEndPoint}; a send takes no end point.");
        }

        if (remote is DnsEndPoint)
        {
            throw new ArgumentException("A datagram is sent to an address, not to a name; resolve the name first.", parameter);
        }

        if (remote is not null && !NativeAddress.CanReach(remote, _transport.Family))
        {
            throw new ArgumentException($"A socket of the address family {_transport.Family} cannot send to {remote}.", parameter);
        }

        if (length > MaxUdpPayload && _transport.Family is (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
        {
            throw new ArgumentException($"A UDP datagram has at most {MaxUdpPayload} bytes; this one has {length}.", parameter);
        }
    }
}
