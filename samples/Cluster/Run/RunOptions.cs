namespace Cluster.Run;

/// <summary>The options of a run: <c>Cluster run --Kill 20</c>.</summary>
internal sealed class RunOptions
{
    /// <summary>How often a node is killed.</summary>
    public int Kill { get; set; }

    /// <summary>How often all nodes are restarted, one after another.</summary>
    public int Roll { get; set; }

    /// <summary>Whether one node is cut off from the others for some time.</summary>
    public bool Partition { get; set; }

    /// <summary>How long the load runs if nothing is done to the nodes.</summary>
    public int Seconds { get; set; } = 10;

    public int Clients { get; set; } = 60;

    public int Rooms { get; set; } = 12;

    /// <summary>Messages of each client, a second.</summary>
    public int Rate { get; set; } = 8;
}
