using System.Net.Security;
using System.Security.Authentication;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>Represents a TLS session on a connection. It is a source and a sink of plain bytes, and reads and writes records through the channels below.</summary>
internal sealed class TlsLayer : IDisposable
{
    private readonly ByteReadChannel _input;
    private readonly ByteWriteChannel _output;
    private readonly ITlsHost _host;
    private readonly SslSessionLock _sessionLock = new();
    private readonly RecordStream _records;
    private readonly SslStream _ssl;
    private readonly TlsOptions _options;

    // Both are exchanged with Interlocked.
    private Task? _shutdown;
    private int _disposed;

    private volatile bool _isReleased;
    private volatile IOException? _failure;

    public TlsLayer(ByteReadChannel input, ByteWriteChannel output, ITlsHost host, TlsOptions tlsOptions)
    {
        _input = input;
        _output = output;
        _host = host;
        _options = tlsOptions;
        _records = new RecordStream(input, output, _sessionLock, input.CreateReadEventAbove());
        _ssl = new SslStream(_records, leaveInnerStreamOpen: true);
        Source = new TlsSource(this, _ssl, _records, input, _sessionLock);
        Sink = new TlsSink(this, _ssl, output, host.Scheduler);
    }

    public IByteSource Source { get; }

    public IByteSink Sink { get; }

    /// <summary>Gets the name of the peer in messages.</summary>
    public string PeerName => _host.PeerName;

    /// <summary>Gets the exception of a call on a connection that is closed on this side.</summary>
    public ObjectDisposedException Closed() =>
        _input.ReadFailure(WaitOutcome.Closed) as ObjectDisposedException ?? new ObjectDisposedException("Sluice.Connection");

    /// <summary>
    /// Adds the peer's name to a failure of SslStream. A failure of the connection below has it already. The inner exception of the result says that the peer is
    /// at fault: that of a record which cannot be decrypted is of a type that differs between systems.
    /// </summary>
    public IOException Named(IOException failure, string doing) =>
        ReferenceEquals(failure, _input.CloseCause) || failure.InnerException is System.Net.Sockets.SocketException or TimeoutException
            ? failure
            : new IOException($"{doing} {PeerName}: {failure.Message}", failure.InnerException is AuthenticationException ? failure : new AuthenticationException(failure.Message, failure));

    /// <summary>Gets the number of record bytes in each direction.</summary>
    public (long Received, long Sent) Bytes => (_input.TotalBytesRead, _output.TotalBytesWritten);

    /// <summary>Gets the negotiated parameters; null before the handshake is done. Written by the handshake, before the connection is opened.</summary>
    public TlsSession? Session { get; private set; }

    public async Task AuthenticateAsync(Func<SslStream, CancellationToken, Task> handshake, CancellationToken cancellationToken)
    {
        _input.Claim();
        _sessionLock.Enter();
        try
        {
            await handshake(_ssl, cancellationToken).ConfigureAwait(false);
            Session = new TlsSession(_ssl);
            _input.IsBelowTls = true;
            _output.IsBelowTls = true;
        }
        finally
        {
            _sessionLock.Exit();
        }
    }

    /// <summary>
    /// Ends the output: sends close_notify, and then completes the connection's output. Never fails: if close_notify cannot be sent, the end of the
    /// connection informs the peer.
    /// </summary>
    public Task ShutdownAsync()
    {
        if (Volatile.Read(ref _shutdown) is { } begun)
        {
            return begun;
        }

        // Started without a lock: the memory for the alert may come from a user's pool.
        var shutdown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _shutdown, shutdown.Task, null) is { } other)
        {
            return other;
        }

        _ = ShutdownCoreAsync(shutdown);
        return shutdown.Task;
    }

    /// <summary>Aborts the connection: the peer sees a reset.</summary>
    public void Abort() => _host.Abort();

    /// <summary>Ends the reads, because a record could not be written: perhaps nobody writes who would see it, and the peer can decrypt nothing more.</summary>
    public void Fail(Exception cause)
    {
        // SslStream wraps what the channel below throws.
        Exception reason = cause is IOException { InnerException: { } inner } ? inner : cause;
        var failure = new IOException($"Writing to {PeerName}: {reason.Message}", reason);
        _failure = failure;
        _input.Cancel(failure);
        Source.InterruptRead();
    }

    /// <summary>Gets the exception of reads after <see cref="Fail"/>; null before.</summary>
    public IOException? Failure => _failure;

    /// <summary>Gets the exception of a wait of the channel below that ended without data.</summary>
    public Exception ReadFailure(WaitOutcome outcome) => outcome == WaitOutcome.Closed && _failure is { } failure ? failure : _input.ReadFailure(outcome);

    /// <summary>Ends pending reads and writes, because the connection is aborted.</summary>
    public void DiscardAndClose()
    {
        _input.CloseForRead();
        _input.InterruptRead();
        _output.DiscardAndClose();
    }

    /// <summary>Throws if the connection ended without a close_notify (RFC 8446, 6.1): an attacker may have truncated the stream.</summary>
    public void ThrowIfTruncated()
    {
        if (_records.HasEnded && _options.RequireCloseNotify)
        {
            throw new IOException($"Reading from {PeerName}: the connection ended without a TLS close_notify, so the received data may be incomplete.");
        }
    }

    /// <summary>Makes later reads below throw that the socket is closed, because the manager is closing. Wakes no wait.</summary>
    public void Refuse() => _input.CloseForRead();

    /// <summary>Gets whether the session's native memory is freed.</summary>
    public bool IsReleased => _isReleased;

    /// <summary>
    /// Frees the session's native memory: at once, or when the read or the handshake that uses it ends. Idempotent.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _sessionLock.Dispose(Release);
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
            // The disposal of the stream writes to a closed connection.
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
                // The handshake writes to the channel below, so the channel cannot be completed at the same time. The next write of the handshake fails.
                await _output.BeginClose().ConfigureAwait(false);
            }
            else
            {
                await SendCloseNotifyAsync().ConfigureAwait(false);
                await _output.CompleteAsync().ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // The connection or the session is broken or closed, which OpenSSL reports with several types of exceptions.
        }
        finally
        {
            shutdown.SetResult();
        }
    }

    private async Task SendCloseNotifyAsync()
    {
        var sent = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        _sessionLock.Shutdown(() =>
        {
            try
            {
                sent.SetResult(_records.BufferWritesAsync(_ssl.ShutdownAsync));
            }
            catch (Exception exception)
            {
                sent.SetException(exception);
            }
        });
        await sent.Task.Unwrap().ConfigureAwait(false);
        await _records.WriteBufferedAsync().ConfigureAwait(false);
    }
}
