using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Sluice.Engine.Datagrams;
using Sluice.Scheduling;
using Sluice.Sockets;

namespace Sluice;

public sealed partial class DatagramSocket
{
    // 1 while a call receives; taken and released with Interlocked.
    private int _receiving;

    // The failure that a batch met after it had received something. The next receive throws it. Exchanged with Interlocked.
    private ExceptionDispatchInfo? _nextFailure;

    // Of the receiver.
    private KeptDatagram? _kept;

    /// <summary>Receives a datagram; waits until there is one.</summary>
    /// <param name="cancellationToken">Ends the wait. No datagram is lost: the next call returns it.</param>
    /// <returns>The datagram, in rented memory: dispose of it.</returns>
    /// <exception cref="SocketException">The system reported an error, such as <see cref="SocketError.ConnectionRefused"/>: no socket listens at
    /// the peer of a connected socket. The socket stays usable.</exception>
    /// <exception cref="InvalidOperationException">Another call is receiving.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Datagram> ReceiveAsync(CancellationToken cancellationToken = default) =>
        ReceiveAsync<RentedProjection, Datagram>(new RentedProjection(_context.BufferPool), cancellationToken);

    /// <summary>Receives a datagram into the caller's memory; waits until there is one. Allocates nothing while the senders stay the same.</summary>
    /// <param name="buffer">The memory that receives the datagram. Bytes that do not fit are lost, and <see cref="DatagramReceiveResult.IsTruncated"/> is true.</param>
    /// <param name="cancellationToken">Ends the wait. No datagram is lost: the next call returns it.</param>
    /// <returns>The number of bytes, and the sender.</returns>
    /// <exception cref="SocketException">The system reported an error, such as <see cref="SocketError.ConnectionRefused"/>: no socket listens at
    /// the peer of a connected socket. The socket stays usable.</exception>
    /// <exception cref="InvalidOperationException">Another call is receiving.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<DatagramReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ReceiveAsync<CopyProjection, DatagramReceiveResult>(new CopyProjection(buffer), cancellationToken);

    /// <summary>Receives a datagram and those that are already queued behind it; waits until there is one.</summary>
    /// <param name="datagrams">The memory that receives the datagrams. Each is in rented memory: dispose of it.</param>
    /// <param name="cancellationToken">Ends the wait. No datagram is lost: the next call returns it.</param>
    /// <returns>The number of datagrams: at least one, unless the memory is empty.</returns>
    /// <exception cref="SocketException">The system reported an error, such as <see cref="SocketError.ConnectionRefused"/>: no socket listens at
    /// the peer of a connected socket. The socket stays usable.</exception>
    /// <exception cref="InvalidOperationException">Another call is receiving.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<int> ReceiveBatchAsync(Memory<Datagram> datagrams, CancellationToken cancellationToken = default) =>
        datagrams.IsEmpty ? new ValueTask<int>(0) : ReceiveAsync<BatchProjection, int>(new BatchProjection(this, datagrams), cancellationToken);

    /// <summary>Receives datagrams until the socket is closed, which ends the enumeration.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The datagrams, each in rented memory: dispose of it. An error of
    /// <see cref="ReceiveAsync(CancellationToken)"/> ends the enumeration; the socket stays usable, and can be enumerated again.</returns>
    public async IAsyncEnumerable<Datagram> ReceiveAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Datagram datagram;
            try
            {
                datagram = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectDisposedException) when (IsClosed)
            {
                yield break;
            }

            yield return datagram;
        }
    }

    private ValueTask<T> ReceiveAsync<TProjection, T>(TProjection projection, CancellationToken cancellationToken)
        where TProjection : struct, IDatagramProjection<T>
    {
        if (Interlocked.Exchange(ref _receiving, 1) != 0)
        {
            throw new InvalidOperationException("Another call is receiving on this socket; only one at a time is possible.");
        }

        bool ends = true;
        try
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<T>(cancellationToken);
            }

            if (TryReceive(projection, out T? result))
            {
                return new ValueTask<T>(result!);
            }

            ends = false;
            return ReceiveSlowAsync<TProjection, T>(projection, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return ValueTask.FromException<T>(exception);
        }
        finally
        {
            if (ends)
            {
                Volatile.Write(ref _receiving, 0);
            }
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<T> ReceiveSlowAsync<TProjection, T>(TProjection projection, CancellationToken cancellationToken)
        where TProjection : struct, IDatagramProjection<T>
    {
        try
        {
            while (true)
            {
                WaitOutcome signal = await _transport.WaitReceivableAsync(cancellationToken);
                if (signal == WaitOutcome.Closed)
                {
                    throw _transport.Closed();
                }

                if (TryReceive(projection, out T? result))
                {
                    return result!;
                }
            }
        }
        finally
        {
            Volatile.Write(ref _receiving, 0);
        }
    }

    private bool TryReceive<TProjection, T>(TProjection projection, out T? result)
        where TProjection : struct, IDatagramProjection<T>
    {
        if (_closed)
        {
            throw _transport.Closed();
        }

        if (Interlocked.Exchange(ref _nextFailure, null) is { } failure)
        {
            failure.Throw();
        }

        IncomingDatagram datagram;
        if (_kept is { } kept)
        {
            datagram = kept.Datagram;
            _kept = null;
        }
        else if (!_transport.TryReceive(out datagram))
        {
            result = default;
            return false;
        }

        try
        {
            result = ProjectOrKeep<TProjection, T>(projection, datagram);
        }
        finally
        {
            _transport.ReleaseReceived();
        }

        return true;
    }

    // The caller's memory or its pool may throw: the next receive tries the same datagram again.
    private T ProjectOrKeep<TProjection, T>(TProjection projection, in IncomingDatagram datagram)
        where TProjection : struct, IDatagramProjection<T>
    {
        try
        {
            return projection.Project(datagram);
        }
        catch
        {
            _kept = new KeptDatagram(datagram);
            throw;
        }
    }

    private int ReceiveMore(RentedProjection projection, Span<Datagram> datagrams)
    {
        int count = 0;
        try
        {
            while (count < datagrams.Length && _transport.TryReceive(out IncomingDatagram datagram))
            {
                datagrams[count] = ProjectOrKeep<RentedProjection, Datagram>(projection, datagram);
                count++;
            }
        }
        catch (Exception exception)
        {
            // The system or the pool failed: the datagrams before that are the caller's, and the next receive throws.
            _nextFailure = ExceptionDispatchInfo.Capture(exception);
        }

        return count;
    }

    private readonly struct BatchProjection(DatagramSocket socket, Memory<Datagram> datagrams) : IDatagramProjection<int>
    {
        public int Project(in IncomingDatagram first)
        {
            var projection = new RentedProjection(socket._context.BufferPool);
            Span<Datagram> span = datagrams.Span;
            span[0] = projection.Project(first);
            return 1 + socket.ReceiveMore(projection, span[1..]);
        }
    }
}
