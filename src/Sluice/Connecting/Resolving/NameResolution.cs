using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Connecting.Resolving;

/// <summary>The name lookups of one manager, which end with it.</summary>
internal sealed class NameResolution(INameResolver? resolver)
{
    // Cancelled when the manager is disposed: a lookup is no socket, so nothing else would end the wait for it.
    private readonly CancellationTokenSource _end = new();

    /// <summary>Waits for the addresses of an end point: of a name those that the resolver knows, of another the end point itself.</summary>
    /// <exception cref="SocketException">The name does not resolve.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed, or was while the resolver was asked.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it carries this token.</exception>
    public async ValueTask<IReadOnlyList<EndPoint>> ResolveAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        if (endPoint is not DnsEndPoint)
        {
            return [endPoint];
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
        try
        {
            return await EndPointResolver.ResolveAsync(endPoint, resolver, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(TypeNames.SelectorManager);
        }
    }

    /// <summary>Ends every wait for a name, on the pool: a resolver of the user's may have registered callbacks that block, or throw.</summary>
    public void End() => _ = _end.CancelAsync().ContinueWith(
        static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
