using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Sluice.Engine.Datagrams;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Sockets;

namespace Sluice;

public sealed partial class DatagramSocket
{
    private int _receiving;

    // What a batch met after it had received something.
    private ExceptionDispatchInfo? _nextFailure;

    /// <summary>Waits for a datagram.</summary>
    /// <param name="cancellationToken">Ends the wait. No datagram is lost: the next call gets it.</param>
    /// <returns>The datagram, in rented memory: dispose of it.</returns>
    /// <exception cref="SocketException">The system told an error, such as <see cref="SocketError.ConnectionRefused"/>: nobody listens where a
    /// connected socket has sent to. The socket goes on.</exception>
    /// <exception cref="InvalidOperationException">Another call receives already.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Datagram> ReceiveAsync(CancellationToken cancellationToken = default) =>
        ReceiveAsync<RentedProjection, Datagram>(new RentedProjection(_context.BufferPool), cancellationToken);

    /// <summary>Waits for a datagram and receives it into the caller's own memory. Allocates nothing while the same peers send.</summary>
    /// <param name="buffer">Where to. What does not fit is lost, and <see cref="DatagramReceiveResult.IsTruncated"/>.</param>
    /// <param name="cancellationToken">Ends the wait. No datagram is lost: the next call gets it.</param>
    /// <returns>How many bytes came, and from whom.</returns>
    /// <exception cref="SocketException">The system told an error, such as <see cref="SocketError.ConnectionRefused"/>: nobody listens where a
    /// connected socket has sent to. The socket goes on.</exception>
    /// <exception cref="InvalidOperationException">Another call receives already.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<DatagramReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ReceiveAsync<CopyProjection, DatagramReceiveResult>(new CopyProjection(buffer), cancellationToken);

    /// <summary>Waits for a datagram, and takes with it those that are there already.</summary>
    /// <param name="datagrams">Where to. Each is in rented memory: dispose of it.</param>
    /// <param name="cancellationToken">Ends the wait. No datagram is lost: the next call gets it.</param>
    /// <returns>How many datagrams there are: at least one, unless there is no room for any.</returns>
    /// <exception cref="SocketException">The system told an error, such as <see cref="SocketError.ConnectionRefused"/>: nobody listens where a
    /// connected socket has sent to. The socket goes on.</exception>
    /// <exception cref="InvalidOperationException">Another call receives already.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<int> ReceiveBatchAsync(Memory<Datagram> datagrams, CancellationToken cancellationToken = default) =>
        datagrams.IsEmpty ? new ValueTask<int>(0) : ReceiveAsync<BatchForm, int>(new BatchForm(this, datagrams), cancellationToken);

    /// <summary>Receives until the socket is closed, which ends the enumeration.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The datagrams, each received when it is asked for, in rented memory: dispose of it. An error, as
    /// <see cref="ReceiveAsync(CancellationToken)"/> throws it, ends the enumeration; the socket goes on, and can be enumerated again.</returns>
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

    private ValueTask<T> ReceiveAsync<TForm, T>(TForm form, CancellationToken cancellationToken)
        where TForm : struct, IDatagramProjection<T>
    {
        if (Interlocked.Exchange(ref _receiving, 1) != 0)
        {
            throw new InvalidOperationException("Another call receives on this socket; only one at a time is possible.");
        }

        bool ends = true;
        try
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<T>(cancellationToken);
            }

            if (TryReceive(form, out T? result))
            {
                return new ValueTask<T>(result!);
            }

            ends = false;
            return ReceiveSlowAsync<TForm, T>(form, cancellationToken);
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> ReceiveSlowAsync<TForm, T>(TForm form, CancellationToken cancellationToken)
        where TForm : struct, IDatagramProjection<T>
    {
        try
        {
            while (true)
            {
                WaitOutcome signal = await _transport.WaitReceivableAsync(cancellationToken).ConfigureAwait(false);
                if (signal == WaitOutcome.Closed)
                {
                    throw _transport.Closed(TypeNames.DatagramSocket);
                }

                if (TryReceive(form, out T? result))
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

    private bool TryReceive<TForm, T>(TForm form, out T? result)
        where TForm : struct, IDatagramProjection<T>
    {
        if (_closed)
        {
            throw _transport.Closed(TypeNames.DatagramSocket);
        }

        if (Interlocked.Exchange(ref _nextFailure, null) is { } failure)
        {
            failure.Throw();
        }

        if (!_transport.TryReceive(out IncomingDatagram datagram))
        {
            result = default;
            return false;
        }

        try
        {
            result = form.Project(datagram);
        }
        finally
        {
            _transport.ReleaseReceived();
        }

        return true;
    }

    private int TakeMore(RentedProjection form, Span<Datagram> datagrams)
    {
        int count = 0;
        try
        {
            while (count < datagrams.Length && _transport.TryReceive(out IncomingDatagram datagram))
            {
                datagrams[count] = form.Project(datagram);
                count++;
            }
        }
        catch (Exception exception)
        {
            // Of the system's, or of a pool that has no more memory: those before it have come, and are the caller's.
            _nextFailure = ExceptionDispatchInfo.Capture(exception);
        }

        return count;
    }

    private readonly struct BatchForm(DatagramSocket socket, Memory<Datagram> datagrams) : IDatagramProjection<int>
    {
        public int Project(in IncomingDatagram first)
        {
            var form = new RentedProjection(socket._context.BufferPool);
            Span<Datagram> span = datagrams.Span;
            span[0] = form.Project(first);
            return 1 + socket.TakeMore(form, span[1..]);
        }
    }
}
