using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Sockets.Connecting;

namespace Sluice.Sockets.Proxying;

/// <summary>
/// Accepts connections that begin with a PROXY header. Headers are awaited side by side, so that one that is late delays nobody; a connection
/// is handed out when its header has come.
/// </summary>
internal sealed class ProxiedAcceptor
{
    private readonly SelectorManager _selector;
    private readonly ListenerTransport _listener;
    private readonly ProxyHeaderReader _reader;
    private readonly IPNetwork[] _trusted;
    private readonly bool _refuseOthers;
    private readonly TimeSpan _timeout;

    // A slot is taken before a connection is, and is free again when that was handed out or closed.
    private readonly SemaphoreSlim _slots;
    private readonly Channel<Accepted> _ready = Channel.CreateUnbounded<Accepted>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _closing = new();
    private int _started;

    public ProxiedAcceptor(SelectorManager selector, ListenerTransport listener, ProxyProtocolOptions options)
    {
        _selector = selector;
        _listener = listener;
        _reader = new ProxyHeaderReader(options.MaxHeaderLength);
        _trusted = [.. options.TrustedNetworks];
        _refuseOthers = options.UntrustedPeers == UntrustedPeers.Refuse;
        _timeout = options.HeaderTimeout;
        _slots = new SemaphoreSlim(options.MaxPendingConnections);
    }

    /// <summary>As <see cref="ServerSocket.AcceptAsync"/>.</summary>
    public async ValueTask<StreamSocket> AcceptAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Start();
        while (true)
        {
            Accepted accepted;
            try
            {
                accepted = await _ready.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ChannelClosedException exception)
            {
                throw exception.InnerException ?? new ObjectDisposedException(nameof(ServerSocket));
            }

            _slots.Release();
            if (accepted.Socket is not { } socket)
            {
                accepted.Seen!.TrySetResult();
                throw accepted.Error!;
            }

            if (!socket.IsClosed)
            {
                return socket;
            }
        }
    }

    /// <summary>Resets what was not handed out. The listener is closed by now.</summary>
    public void Close()
    {
        _ready.Writer.TryComplete();
        _closing.Cancel();
        while (_ready.Reader.TryRead(out Accepted? accepted))
        {
            accepted.Socket?.Abort();
        }
    }

    private void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            // Unsafe: what the first caller has in its execution context is not for every connection.
            ThreadPool.UnsafeQueueUserWorkItem(static acceptor => _ = acceptor.AcceptAllAsync(), this, preferLocal: false);
        }
    }

    private async Task AcceptAllAsync()
    {
        try
        {
            while (true)
            {
                await _slots.WaitAsync(_closing.Token).ConfigureAwait(false);
                try
                {
                    _ = PrepareAsync(new StreamSocket(_selector, await _listener.AcceptAsync(_closing.Token).ConfigureAwait(false)));
                }
                catch (SocketException exception)
                {
                    await TellAsync(exception).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The listener is closed.
            _ready.Writer.TryComplete();
        }
        catch (Exception exception)
        {
            _ready.Writer.TryComplete(exception);
        }
    }

    // Tries again when somebody has heard of it, who will know how long to wait first.
    private async ValueTask TellAsync(SocketException exception)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ready.Writer.TryWrite(new Accepted(null, exception, seen));
        await seen.Task.WaitAsync(_closing.Token).ConfigureAwait(false);
    }

    // Never fails.
    private async Task PrepareAsync(StreamSocket socket)
    {
        try
        {
            if (IsTrusted(socket.TransportRemoteEndPoint))
            {
                using var deadline = new Deadline(_timeout, _selector.Sockets.TimeProvider, _closing.Token);
                await _reader.ReadAsync(socket, deadline.Token).ConfigureAwait(false);
            }
            else if (_refuseOthers)
            {
                Refuse(socket, "it does not come from a trusted network");
                return;
            }
        }
        catch (OperationCanceledException)
        {
            Refuse(socket, _closing.IsCancellationRequested ? null : "its header did not come in time");
            return;
        }
        catch (Exception exception)
        {
            Refuse(socket, exception is ObjectDisposedException or EndOfStreamException ? null : exception.Message);
            return;
        }

        if (!_ready.Writer.TryWrite(new Accepted(socket, null, null)))
        {
            socket.Abort();
        }
    }

    private void Refuse(StreamSocket socket, string? reason)
    {
        if (reason is not null)
        {
            _selector.Sockets.Logger.ProxyHeaderRefused(socket.TransportRemoteEndPoint, reason);
        }

        socket.Abort();
        _slots.Release();
    }

    private bool IsTrusted(EndPoint peer)
    {
        if (peer is not IPEndPoint { Address: var address })
        {
            return false;
        }

        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_trusted, network => network.Contains(plain));
    }

    private sealed record Accepted(StreamSocket? Socket, SocketException? Error, TaskCompletionSource? Seen);
}
