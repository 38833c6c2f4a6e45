namespace Cluster.Grains;

/// <summary>A message of a room. The store has numbered it.</summary>
[GenerateSerializer]
[Immutable]
public sealed record Message(long Number, string Text);
