using System.Net.Sockets;
using Sluice.Engine;

namespace Sluice;

public sealed partial class SelectorManager
{
    /// <summary>
    /// Creates servers from the listening sockets that systemd, or another service manager with the same protocol, passed to this process (sd_listen_fds(3));
    /// see <see cref="SocketActivation"/>. Sockets of other kinds can still be taken there. The close of a server does not delete the file of a Unix domain
    /// socket, which belongs to the service manager.
    /// </summary>
    /// <param name="configure">Changes the options of accepted connections.</param>
    /// <returns>
    /// The servers by name, in the service manager's order; none if this process was not activated, or an earlier call has taken them.
    /// </returns>
    /// <exception cref="InvalidOperationException">The environment variables are inconsistent, or name descriptors that are not open.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed. The sockets are closed.</exception>
    /// <exception cref="SocketException">The system refuses. The sockets are closed.</exception>
    public ILookup<string, ServerSocket> AdoptActivatedListeners(Action<StreamSocketOptions>? configure = null)
    {
        IReadOnlyList<ActivatedSocket> activated = SocketActivation.Take(static socket => IsListener(socket.Handle));
        var servers = new List<(string Name, ServerSocket Server)>(activated.Count);
        try
        {
            foreach (ActivatedSocket socket in activated)
            {
                servers.Add((socket.Name, AdoptListener(socket.Handle, configure)));
            }
        }
        catch
        {
            servers.ForEach(entry => entry.Server.Close());
            foreach (ActivatedSocket socket in activated.Skip(servers.Count))
            {
                socket.Handle.Dispose();
            }

            throw;
        }

        return servers.ToLookup(entry => entry.Name, entry => entry.Server, StringComparer.Ordinal);
    }

    private static bool IsListener(SafeSocketHandle handle)
    {
        try
        {
            return AdoptableSocket.Listens(handle);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
