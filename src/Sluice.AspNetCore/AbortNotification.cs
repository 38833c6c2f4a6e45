using Microsoft.AspNetCore.Connections;

namespace Sluice.AspNetCore;

/// <summary>
/// Tells a handler on a transport of another kind that its connection is aborted at the end of a shutdown.
/// <see cref="BaseConnectionContext.ConnectionClosed"/> is no such token: it is cancelled as well when a client has sent its last request and waits for the
/// answer. Any other abort shows at the next read or write.
/// </summary>
internal sealed class AbortNotification : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _stopping;

    public AbortNotification(ConnectionContext context, CancellationToken stopping)
    {
        _stopping = stopping;
        _registration = context.ConnectionClosed.UnsafeRegister(static abort => ((AbortNotification)abort!).OnClosed(), this);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }

    private void OnClosed()
    {
        if (_stopping.IsCancellationRequested)
        {
            _source.Cancel();
        }
    }
}
