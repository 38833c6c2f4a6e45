using Microsoft.AspNetCore.Connections;

namespace Sluice.AspNetCore;

/// <summary>
/// Cancels the token of a handler on another transport when its connection is aborted at the end of a shutdown.
/// <see cref="BaseConnectionContext.ConnectionClosed"/> cannot serve as this token: it is also canceled when a client half-closes and waits for its
/// response. Any other abort shows at the next read or write.
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
