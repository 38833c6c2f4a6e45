namespace Sluice.Client.Pooling;

/// <summary>A pool as the instruments see it.</summary>
internal interface IMeteredPool
{
    /// <summary>The attributes of the pool's measurements.</summary>
    KeyValuePair<string, object?>[] Tags { get; }

    int MinConnections { get; }

    int MaxConnections { get; }

    (int Idle, int Used, int Waiting) Count();
}
