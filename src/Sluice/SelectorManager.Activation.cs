using System.Net.Sockets;
using Sluice.Engine;

namespace Sluice;

public sealed partial class SelectorManager
{
    /// <summary>
    /// Makes servers of the listening sockets that systemd passed to this process, or whoever does as it does (sd_listen_fds(3)); see
    /// <see cref="SocketActivation"/>. Sockets of other kinds stay there to be taken. Files of Unix domain sockets stay when the servers
    /// are closed: they are the service manager's.
    /// </summary>
    /// <param name="configure">Changes the options of what they accept.</param>
    /// <returns>
    /// The servers by name, in the service manager's order; none if this process was started otherwise, or another call took them.
    /// </returns>
    /// <exception cref="InvalidOperationException">The environment variables contradict themselves, or what is there.</exception>
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
