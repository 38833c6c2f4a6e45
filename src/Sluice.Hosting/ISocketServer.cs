using System.Net;

namespace Sluice.Hosting;

/// <summary>A socket server of the host. Get it by its name: <c>services.GetRequiredKeyedService&lt;ISocketServer&gt;("echo")</c>.</summary>
public interface ISocketServer
{
    /// <summary>Gets the name of the server.</summary>
    string Name { get; }

    /// <summary>Gets a value indicating whether the server listens, which it does from the start of the host until the host stops.</summary>
    bool IsListening { get; }

    /// <summary>
    /// Gets a value indicating whether the host has begun to stop, and the server still accepts and serves; see
    /// <see cref="SocketServerOptions.DrainDelay"/>.
    /// </summary>
    bool IsDraining { get; }

    /// <summary>Gets the addresses that the server listens at, by the names of its end points, with the ports that the system chose. Empty until the server listens.</summary>
    IReadOnlyDictionary<string, EndPoint> EndPoints { get; }
}
