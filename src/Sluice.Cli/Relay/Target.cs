using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Relay;

/// <summary>A target of a relay, and how it does.</summary>
internal sealed class Target(Address address)
{
    private int _connections;
    private long _downSince;

    public Address Address { get; } = address;

    /// <summary>Gets the number of open connections.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Gets a value indicating whether the last attempt or check succeeded.</summary>
    public bool IsUp => Volatile.Read(ref _downSince) == 0;

    /// <summary>Gets when the target went down, in the ticks of the clock; 0 if it is up.</summary>
    public long DownSince => Volatile.Read(ref _downSince);

    /// <summary>Gets or sets the number of the turn in which the target was last tried. The list guards it.</summary>
    public long LastTurn { get; set; }

    public void Enter() => Interlocked.Increment(ref _connections);

    public void Leave() => Interlocked.Decrement(ref _connections);

    /// <summary>Remembers that the target works. True if it was down.</summary>
    public bool MarkUp() => Interlocked.Exchange(ref _downSince, 0) != 0;

    /// <summary>Remembers that the target does not work. True if it was up.</summary>
    public bool MarkDown(long now) => Interlocked.Exchange(ref _downSince, now) == 0;
}
