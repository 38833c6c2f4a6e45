using System.Net;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Sockets;

namespace Sluice;

/// <summary>A socket that sends and receives datagrams.</summary>
/// <remarks>
/// Thread-safe: any number of calls send at once, one receives at a time. What is sent in one turn of an event loop leaves together, when the
/// turn ends; but what the system refuses, it refuses at the call.
/// </remarks>
public sealed partial class DatagramSocket : IAsyncDisposable, ITransportOwner
{
    private readonly EngineContext _context;
    private readonly DatagramTransport _transport;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DropGuard? _guard;
    private volatile bool _closed;

    internal DatagramSocket(EngineContext context, DatagramTransport transport)
    {
        _context = context;
        _transport = transport;
        transport.SetOwner(this);
    }

    /// <summary>The end point on this side: a copy, which the caller may change.</summary>
    /// <exception cref="ObjectDisposedException">The socket was closed before anybody asked.</exception>
    public EndPoint LocalEndPoint => EndPointCopy.Of(_transport.LocalEndPoint);

    /// <summary>The port on this side; 0 if it has none.</summary>
    /// <exception cref="ObjectDisposedException">The socket was closed before anybody asked.</exception>
    public int Port => (_transport.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    /// <summary>
    /// The peer of a connected socket, as the system has it: a copy, which the caller may change. Null for a socket that receives from everybody.
    /// </summary>
    public EndPoint? RemoteEndPoint => _transport.RemoteEndPoint is { } remote ? EndPointCopy.Of(remote) : null;

    /// <summary>The options of the live socket, to be read and set.</summary>
    public LiveDatagramOptions Options => field ??= new LiveDatagramOptions(_transport);

    /// <summary>Whether the socket is closed.</summary>
    public bool IsClosed => _closed;

    /// <summary>Completes when the socket is closed. Never fails.</summary>
    public Task Completion => _completion.Task;

    /// <summary>
    /// How many datagrams for this socket were dropped because nobody came for them in time and the kernel's buffer was full
    /// (<c>SK_MEMINFO_DROPS</c>, sock_diag(7)). Datagrams that the kernel has put together may count as one. Nothing that was for the socket is dropped
    /// elsewhere. After the socket is closed, what was counted until then.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The system does not count: it needs Linux.</exception>
    public long DroppedDatagrams => _transport.Drops;

    /// <summary>
    /// Closes the socket. Calls that are pending end with <see cref="ObjectDisposedException"/>; what was received and not asked for is lost.
    /// Idempotent, and never throws.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        Close(CloseReason.Closed);
        return ValueTask.CompletedTask;
    }

    /// <summary>Hands the socket to its user: dropped without being closed, it is closed by a finalizer.</summary>
    /// <param name="openedAt">See <see cref="EngineContext.CaptureOpenStack"/>.</param>
    internal DatagramSocket HandOut(string? openedAt)
    {
        _guard = DropGuard.Create(_context, _transport, this, openedAt);
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

        // First, so that a caller that the close wakes knows why.
        _closed = true;
        _guard?.Dismiss();
        _transport.Close();
        _completion.TrySetResult();
    }
}
