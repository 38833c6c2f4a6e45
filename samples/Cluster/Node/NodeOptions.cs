namespace Cluster.Node;

/// <summary>The options of a node: <c>Cluster node --Port 4000 --Redis 127.0.0.1:6379</c>, or from the environment.</summary>
internal sealed class NodeOptions
{
    public string Name { get; set; } = "node";

    /// <summary>The address for clients and for the other nodes.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port for clients.</summary>
    public int Port { get; set; } = 4000;

    /// <summary>The port for health checks of the load balancer.</summary>
    public int HealthPort { get; set; } = 8081;

    /// <summary>A Unix domain socket for clients on this machine, too.</summary>
    public string? Socket { get; set; }

    /// <summary>The network of the proxies, such as 10.0.0.0/8. Clients then come through them, with a PROXY header that says where they come from.</summary>
    public string? Proxies { get; set; }

    public int SiloPort { get; set; } = 11111;

    public int GatewayPort { get; set; } = 30000;

    /// <summary>Where Redis is. Without it, this is the only node, and messages live in its memory.</summary>
    public string? Redis { get; set; }
}
