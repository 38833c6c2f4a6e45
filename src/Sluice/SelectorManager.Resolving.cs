using System.Net;
using System.Net.Sockets;
using Sluice.Sockets;

namespace Sluice;

public sealed partial class SelectorManager
{
    // Cancelled when the manager is disposed: a lookup is no socket, so nothing else would end the wait for it.
    private readonly CancellationTokenSource _lookupsEnd = new();

    /// <summary>Waits for the addresses of an end point: of a name those that the resolver knows, of another the end point itself.</summary>
    /// <exception cref="SocketException">The name does not resolve.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed, or was while the resolver was asked.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it carries this token.</exception>
    internal async ValueTask<IReadOnlyList<EndPoint>> ResolveAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        if (endPoint is not DnsEndPoint)
        {
            return [endPoint];
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _lookupsEnd.Token);
        try
        {
            return await EndPointResolver.ResolveAsync(endPoint, NameResolver, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(nameof(SelectorManager));
        }
    }

    // On the pool: a resolver of the user's may have registered callbacks that block, or throw.
    private void EndLookups() => _ = _lookupsEnd.CancelAsync().ContinueWith(
        static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
