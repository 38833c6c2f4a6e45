using System.Net;

namespace Sluice.Hosting;

/// <summary>A server of the host's, by its name: <c>services.GetRequiredKeyedService&lt;ISocketServer&gt;("echo")</c>.</summary>
public interface ISocketServer
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Whether it listens: from when the host has started until it stops.</summary>
    bool IsListening { get; }

    /// <summary>Where it listens, by the names of its end points: with the ports that were free. Empty before it listens.</summary>
    IReadOnlyDictionary<string, EndPoint> EndPoints { get; }
}
