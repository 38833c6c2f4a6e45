using System.Net.Security;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>A TLS session on a connection: source and sink of plain bytes above, the connection's own channels below.</summary>
internal sealed class TlsLayer : IDisposable
{
    private readonly ByteReadChannel _input;
    private readonly ByteWriteChannel _output;
    private readonly ITlsHost _host;
    private readonly SslSessionLock _turn = new();
    private readonly RecordStream _records;
    private readonly SslStream _ssl;
    private readonly TlsOptions _options;
    private Task? _shutdown;
    private int _disposed;
    private volatile bool _isReleased;

    public TlsLayer(ByteReadChannel input, ByteWriteChannel output, ITlsHost host, TlsOptions tlsOptions)
    {
        _input = input;
        _output = output;
        _host = host;
        _options = tlsOptions;
        _records = new RecordStream(input, output, _turn);
        _ssl = new SslStream(_records, leaveInnerStreamOpen: true);
        Source = new TlsSource(this, _ssl, _records, input, _turn, host.Scheduler);
        Sink = new TlsSink(this, _ssl, output, host.Scheduler);
    }

    public IByteSource Source { get; }

    public IByteSink Sink { get; }

    /// <summary>The peer in a message.</summary>
    public string PeerName => SocketErrors.Describe(_host.RemoteEndPoint);

    /// <summary>What a call is thrown because the connection is closed on this side.</summary>
    public ObjectDisposedException Closed() =>
        _input.FailureOf(WaitOutcome.Closed) as ObjectDisposedException ?? new ObjectDisposedException("Sluice.Connection");

    /// <summary>A failure with the peer's name: that of the connection below has it already, and what SslStream says has not.</summary>
    public IOException Named(IOException failure, string doing) =>
        ReferenceEquals(failure, _input.CloseCause) || failure.InnerException is System.Net.Sockets.SocketException or TimeoutException
            ? failure
            : new IOException($"{doing} {PeerName}: {failure.Message}", failure);

    /// <summary>The bytes of the records, both ways.</summary>
    public (long Received, long Sent) Bytes => (_input.TotalBytesRead, _output.TotalBytesWritten);

    /// <summary>What was agreed upon; null before the handshake is done.</summary>
    public TlsSession? Session { get; private set; }

    public async Task AuthenticateAsync(Func<SslStream, CancellationToken, Task> handshake, CancellationToken cancellationToken)
    {
        _input.Claim();
        _turn.Enter();
        try
        {
            await handshake(_ssl, cancellationToken).ConfigureAwait(false);
            Session = new TlsSession(_ssl);
        }
        finally
        {
            _turn.Exit();
        }
    }

    /// <summary>
    /// Says that nothing more will be written: close_notify, and then the end of the connection's output. Never fails: what cannot be told
    /// any more, the connection's own end tells.
    /// </summary>
    public Task ShutdownAsync()
    {
        if (Volatile.Read(ref _shutdown) is { } begun)
        {
            return begun;
        }

        // Begun under no lock: memory for the alert may come from a user's pool.
        var shutdown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _shutdown, shutdown.Task, null) is { } other)
        {
            return other;
        }

        _ = ShutdownCoreAsync(shutdown);
        return shutdown.Task;
    }

    /// <summary>Cuts the connection: the peer sees that something is missing.</summary>
    public void Abort() => _host.Abort();

    /// <summary>The connection is cut: ends whoever waits for it.</summary>
    public void DiscardAndClose()
    {
        _input.CloseForRead();
        _input.InterruptWait();
        _output.DiscardAndClose();
    }

    /// <summary>RFC 8446, 6.1: without close_notify, an attacker may have cut off the rest.</summary>
    public void ThrowIfTruncated()
    {
        if (_records.HasEnded && _options.RequireCloseNotify)
        {
            throw new IOException($"Reading from {PeerName}: the connection has ended without a TLS close_notify, so what came may not be all.");
        }
    }

    /// <summary>The manager is closing: reads below end with the close, and not with what it looks like. Wakes no wait.</summary>
    public void Refuse() => _input.CloseForRead();

    /// <summary>Whether the session's native memory is given back.</summary>
    public bool IsReleased => _isReleased;

    /// <summary>
    /// Gives the session's native memory back: at once, or when the read or the handshake that is in the session leaves it. Idempotent.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _turn.Dispose(Release);
        }
    }

    private void Release()
    {
        try
        {
            _ssl.Dispose();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // The stream's own disposal writes to a connection that is closed.
        }
        finally
        {
            _isReleased = true;
        }
    }

    private async Task ShutdownCoreAsync(TaskCompletionSource shutdown)
    {
        try
        {
            if (Session is null)
            {
                // The handshake is the writer of the channel below: nothing can be completed beside it. Its next write ends with the close.
                await ((_output as SinkWriteChannel)?.BeginClose() ?? Task.CompletedTask).ConfigureAwait(false);
            }
            else
            {
                await SendCloseNotifyAsync().ConfigureAwait(false);
                await _output.CompleteAsync().ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // The connection is broken or closed, or the session is: OpenSSL says so with an exception of its own.
        }
        finally
        {
            shutdown.SetResult();
        }
    }

    private async Task SendCloseNotifyAsync()
    {
        var sent = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        _turn.Shutdown(() =>
        {
            try
            {
                sent.SetResult(_records.HoldAsync(_ssl.ShutdownAsync));
            }
            catch (Exception exception)
            {
                sent.SetException(exception);
            }
        });
        await sent.Task.Unwrap().ConfigureAwait(false);
        await _records.WriteHeldAsync().ConfigureAwait(false);
    }
}
