using System.Net.Security;
using Sluice.Channels;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>A TLS session on a connection: channels of plain bytes above, the connection's own below.</summary>
internal sealed class TlsLayer : IConnectionLayer
{
    private readonly Connection _below;
    private readonly RecordStream _records;
    private readonly SslStream _ssl;
    private readonly Lock _lock = new();
    private readonly SourceReadChannel _input;
    private readonly SinkWriteChannel _output;
    private Task? _shutdown;

    public TlsLayer(Connection below, IScheduler scheduler)
    {
        _below = below;
        _records = new RecordStream(below.Input, below.Output);
        _ssl = new SslStream(_records, leaveInnerStreamOpen: true);
        _input = new SourceReadChannel(new StreamSource(_ssl, scheduler, ThrowIfTruncated), pool: null);
        _output = new SinkWriteChannel(new TlsSink(this, _ssl, below.Output, scheduler), pool: null, autoFlush: true);
    }

    public ByteReadChannel Input => _input;

    public ByteWriteChannel Output => _output;

    /// <summary>What was agreed upon. After the handshake.</summary>
    public TlsSession Describe() => new(_ssl);

    public Task AuthenticateAsync(SslClientAuthenticationOptions options, CancellationToken cancellationToken) =>
        _ssl.AuthenticateAsClientAsync(options, cancellationToken);

    public Task AuthenticateAsync(SslServerAuthenticationOptions options, CancellationToken cancellationToken) =>
        _ssl.AuthenticateAsServerAsync(options, cancellationToken);

    public Task AuthenticateAsync(ServerOptionsSelectionCallback selector, object? state, CancellationToken cancellationToken) =>
        _ssl.AuthenticateAsServerAsync(selector, state, cancellationToken);

    /// <summary>Says that nothing more will be written: close_notify, and then the end of the connection's output.</summary>
    public void BeginShutdown()
    {
        lock (_lock)
        {
            _shutdown ??= ShutdownAsync();
        }
    }

    /// <summary>Cuts the connection: the peer sees that something is missing.</summary>
    public void Abort() => _below.Abort();

    public async Task CloseAsync()
    {
        _input.CloseForRead();
        await _output.BeginClose().ConfigureAwait(false);
        BeginShutdown();
        await _shutdown!.ConfigureAwait(false);
    }

    public void Abandon()
    {
        _input.CloseForRead();
        _output.Abandon();
    }

    public void Dispose() => _ssl.Dispose();

    // Never fails: what cannot be told any more, the connection's own end tells.
    private async Task ShutdownAsync()
    {
        try
        {
            await _ssl.ShutdownAsync().ConfigureAwait(false);
            await _below.Output.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // The connection is broken or closed; or somebody has it already.
        }
    }

    // RFC 8446, 6.1: without close_notify, an attacker may have cut off the rest.
    private void ThrowIfTruncated()
    {
        if (_records.HasEnded)
        {
            throw new IOException("The connection has ended without a TLS close_notify: what came may not be all.");
        }
    }
}
