using System.Net;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Sockets;

namespace Sluice;

/// <summary>Represents a socket that sends and receives datagrams.</summary>
/// <remarks>
/// Thread-safe: any number of calls can send at the same time, and one can receive. Datagrams that are sent in one turn of an event loop leave together
/// when the turn ends; an error of the system is still thrown by the call that sends.
/// </remarks>
public sealed partial class DatagramSocket : IAsyncDisposable, ITransportOwner
{
    private readonly EngineContext _context;
    private readonly DatagramTransport _transport;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SocketFinalizer? _finalizer; // Written before the user gets the socket.
    private volatile bool _closed; // Set first of all steps of a close.

    internal DatagramSocket(EngineContext context, DatagramTransport transport)
    {
        _context = context;
        _transport = transport;
        transport.SetOwner(this);
    }

    /// <summary>Gets the local end point: a copy, which the caller may change. It is still known after the socket is closed.</summary>
    public EndPoint LocalEndPoint => EndPointCopy.Of(_transport.LocalEndPoint);

    /// <summary>Gets the local port; 0 if there is none. It is still known after the socket is closed.</summary>
    public int Port => (_transport.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    /// <summary>
    /// Gets the peer of a connected socket, as the system reports it: a copy, which the caller may change. Null for a socket that is not connected.
    /// </summary>
    public EndPoint? RemoteEndPoint => _transport.RemoteEndPoint is { } remote ? EndPointCopy.Of(remote) : null;

    /// <summary>Gets the options of the open socket.</summary>
    public LiveDatagramOptions Options => field ??= new LiveDatagramOptions(_transport);

    /// <summary>Gets a value indicating whether the socket is closed.</summary>
    public bool IsClosed => _closed;

    /// <summary>Gets a task that completes when the socket is closed. It never fails.</summary>
    public Task Completion => _completion.Task;

    /// <summary>
    /// Gets the number of datagrams that the kernel dropped because its receive buffer for this socket was full (<c>SK_MEMINFO_DROPS</c>, sock_diag(7)).
    /// Datagrams that the kernel has coalesced may count as one. Sluice itself drops none. After a close it is the number at that time.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The system does not count drops; this needs Linux.</exception>
    public long DroppedDatagrams => _transport.Drops;

    /// <summary>
    /// Closes the socket. Pending calls end with <see cref="ObjectDisposedException"/>, and datagrams that were not read are lost. Idempotent, and never
    /// throws.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        Close(CloseReason.Closed);
        return ValueTask.CompletedTask;
    }

    /// <summary>Adds the finalizer that closes the socket if the user drops it without a disposal. Called before the user gets the socket.</summary>
    /// <param name="openedAt">See <see cref="EngineContext.CaptureOpenStack"/>.</param>
    internal DatagramSocket HandOut(string? openedAt)
    {
        _finalizer = SocketFinalizer.Create(_context, _transport, this, openedAt);
        return this;
    }

    void ITransportOwner.Refuse()
    {
        _transport.NoteClose(CloseReason.ManagerDisposed);
        _closed = true;
    }

    void ITransportOwner.CloseWithManager() => Close(CloseReason.ManagerDisposed);

    private void Close(CloseReason reason)
    {
        _transport.NoteClose(reason);

        // Set first: a caller that the close wakes reads it.
        _closed = true;
        _finalizer?.Suppress();
        _transport.Close();
        _completion.TrySetResult();
    }
}
