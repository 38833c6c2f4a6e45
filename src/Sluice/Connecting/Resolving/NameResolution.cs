using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Connecting.Resolving;

/// <summary>Resolves names for one manager, and ends the lookups with it.</summary>
internal sealed class NameResolution(INameResolver? resolver)
{
    // Cancelled when the manager is disposed of. A lookup has no socket whose close would end the wait.
    private readonly CancellationTokenSource _end = new();

    /// <summary>Resolves an end point: a name to its addresses, and an address to itself.</summary>
    /// <exception cref="SocketException">The name does not resolve.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed of, or was during the lookup.</exception>
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

    /// <summary>Ends every lookup, on the thread pool: callbacks that the user's resolver has registered may block or throw.</summary>
    public void End() => _ = _end.CancelAsync().ContinueWith(
        static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
