namespace Resp;

/// <summary>The topics and patterns that a client has subscribed to. Guarded by the lock of <see cref="Topics"/>.</summary>
internal sealed class Subscriptions
{
    public HashSet<byte[]> Topics { get; } = new(BytesComparer.Ordinal);

    public HashSet<byte[]> Patterns { get; } = new(BytesComparer.Ordinal);

    public int Count => Topics.Count + Patterns.Count;

    /// <summary>Whether there was ever one.</summary>
    public bool WereUsed { get; set; }
}
