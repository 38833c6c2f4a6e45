namespace Cluster.Store;

public enum AppendResult
{
    /// <summary>The message is stored.</summary>
    Stored,

    /// <summary>The message was stored before, by an earlier attempt.</summary>
    Known,

    /// <summary>The session has skipped an id: an earlier message of it is not stored.</summary>
    Skipped,
}
