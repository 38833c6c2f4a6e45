using System.Net;
using System.Net.Sockets;

namespace Sluice;

/// <summary>
/// Turns names into addresses, for a <see cref="SelectorManager"/> that is given one with <see cref="SelectorOptions.NameResolver"/>. Called
/// from several threads at once.
/// </summary>
public interface INameResolver
{
    /// <summary>
    /// Asks for the addresses of a name. Called by the caller who binds or connects, on its thread: an implementation that blocks before it returns its task holds up that
    /// caller, timeout and all; one whose task does not end holds up nobody for longer than the caller's timeout and token allow.
    /// </summary>
    /// <param name="host">The name; never an address.</param>
    /// <param name="family">
    /// <see cref="AddressFamily.InterNetwork"/> or <see cref="AddressFamily.InterNetworkV6"/> if only such addresses are wanted;
    /// <see cref="AddressFamily.Unspecified"/> for both. Others that are returned all the same are dropped.
    /// </param>
    /// <param name="cancellationToken">Ends the wait, when the caller's token is cancelled or the connect timeout has passed.</param>
    /// <returns>The addresses, the preferred one first (RFC 6724). None if the name has none.</returns>
    /// <exception cref="SocketException">The name does not resolve. Whatever the code, whoever connects sees
    /// <see cref="SocketError.HostNotFound"/> and the message.</exception>
    /// <exception cref="TimeoutException">The resolver's own time is over: to whoever connects the same as a name that does not resolve. So is a task that is
    /// cancelled although the token is not.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, AddressFamily family, CancellationToken cancellationToken);
}
