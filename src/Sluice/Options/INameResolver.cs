using System.Net;
using System.Net.Sockets;

namespace Sluice;

/// <summary>
/// Resolves names to addresses, for a <see cref="SelectorManager"/> with <see cref="SelectorOptions.NameResolver"/>. It is called from several threads at the
/// same time.
/// </summary>
public interface INameResolver
{
    /// <summary>
    /// Resolves a name. It is called on the thread of the caller that binds or connects: an implementation that blocks before it returns its task blocks that
    /// caller, beyond its timeout. A task that does not end delays the caller only up to its timeout and token.
    /// </summary>
    /// <param name="host">The name, which is never an address.</param>
    /// <param name="family">
    /// <see cref="AddressFamily.InterNetwork"/> or <see cref="AddressFamily.InterNetworkV6"/> if only such addresses are needed;
    /// <see cref="AddressFamily.Unspecified"/> for both. Addresses of other families are ignored.
    /// </param>
    /// <param name="cancellationToken">Ends the wait, when the caller's token is cancelled or the connect timeout has passed.</param>
    /// <returns>The addresses, the preferred one first (RFC 6724). None if the name has none.</returns>
    /// <exception cref="SocketException">The name does not resolve. The caller gets a
    /// <see cref="SocketError.HostNotFound"/> with the message, whatever the code is.</exception>
    /// <exception cref="TimeoutException">The resolver's own timeout has passed. The caller gets the same exception as for a name that does not resolve, and also
    /// if the task is cancelled although the token is not.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, AddressFamily family, CancellationToken cancellationToken);
}
