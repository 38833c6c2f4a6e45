using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Unix;

namespace Sluice.Testing.Unix;

/// <summary>
/// The names of a host's Unix domain sockets. A path that is not deleted outlives its socket, and a crash of the host, as a file does; an abstract name does not.
/// </summary>
internal sealed class UnixNames
{
    // The socket of a name; null for a path that no socket has open any more.
    private readonly Dictionary<string, IUnixSocket?> _sockets = new(StringComparer.Ordinal);

    /// <summary>Gives a socket a name. It replaces a path that no socket has open.</summary>
    /// <exception cref="SocketException">Another socket has the name.</exception>
    public void Bind(UnixDomainSocketEndPoint name, IUnixSocket socket)
    {
        string key = KeyOf(name, out bool isAbstract);
        if (_sockets.GetValueOrDefault(key) is not null)
        {
            throw UnixErrors.InUse(name, isAbstract ? "a live socket has this name" : "a live socket is there");
        }

        _sockets[key] = socket;
    }

    /// <summary>Takes the name from a socket that is closed.</summary>
    /// <param name="name">The name.</param>
    /// <param name="socket">The socket.</param>
    /// <param name="deletes">Whether a path goes with its socket.</param>
    public void Release(UnixDomainSocketEndPoint name, IUnixSocket socket, bool deletes)
    {
        string key = KeyOf(name, out bool isAbstract);
        if (!ReferenceEquals(_sockets.GetValueOrDefault(key), socket))
        {
            return;
        }

        if (deletes || isAbstract)
        {
            _sockets.Remove(key);
        }
        else
        {
            _sockets[key] = null;
        }
    }

    /// <summary>Finds the socket with a name.</summary>
    /// <typeparam name="T">The type of the socket.</typeparam>
    /// <exception cref="SocketException">There is none: no such path, a path that no socket has open, or a socket of another type.</exception>
    public T Find<T>(UnixDomainSocketEndPoint name)
        where T : class, IUnixSocket
    {
        string key = KeyOf(name, out bool isAbstract);
        if (!_sockets.TryGetValue(key, out IUnixSocket? socket))
        {
            throw new SocketException((int)(isAbstract ? SocketError.ConnectionRefused : SocketError.AddressNotAvailable));
        }

        return socket switch
        {
            T found => found,
            null => throw new SocketException((int)SocketError.ConnectionRefused),
            _ => throw new SocketException((int)SocketError.ProtocolType),
        };
    }

    /// <summary>Ends all sockets, because the host is off.</summary>
    public void Crash()
    {
        foreach (string key in _sockets.Keys.ToArray())
        {
            if (key[0] == '\0')
            {
                _sockets.Remove(key);
            }
            else
            {
                _sockets[key] = null;
            }
        }
    }

    private static string KeyOf(UnixDomainSocketEndPoint name, out bool isAbstract)
    {
        string? path = UnixEndPoints.PathOf(name);
        isAbstract = path is null;
        if (path is not null)
        {
            return path;
        }

        SocketAddress address = name.Serialize();
        return "\0" + Convert.ToHexString(address.Buffer.Span[..address.Size]);
    }
}
