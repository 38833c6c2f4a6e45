namespace Sluice.Faults.Network;

/// <summary>What a link does to packets. Shares are between 0 and 1.</summary>
/// <param name="Name">The name in the report.</param>
internal sealed record NetworkFault(string Name)
{
    public double Loss { get; init; }

    public double Duplication { get; init; }

    /// <summary>The share of packets that are held back for 5 ms, so that others overtake them.</summary>
    public double Reordering { get; init; }

    /// <summary>The share of packets in which one bit is changed.</summary>
    public double Corruption { get; init; }

    /// <summary>The share of packets that are answered by a forged reset.</summary>
    public double Resets { get; init; }

    public TimeSpan Delay { get; init; }

    /// <summary>The most that is added to the delay.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The limit in bytes a second; 0 is none.</summary>
    public int Rate { get; init; }

    /// <summary>The length in bytes above which packets disappear without a word.</summary>
    public int MaxPacket { get; init; } = int.MaxValue;

    /// <summary>When the link goes down, counted from the begin.</summary>
    public TimeSpan DownAt { get; init; } = TimeSpan.MaxValue;

    /// <summary>How long the link is down.</summary>
    public TimeSpan DownFor { get; init; }

    /// <summary>Whether connections may end with an error: TCP cannot make this fault good.</summary>
    public bool MayFail { get; init; }

    public static IReadOnlyList<NetworkFault> All { get; } =
    [
        new("none"),
        new("loss of 1 %") { Loss = 0.01 },
        new("loss of 5 %") { Loss = 0.05 },
        new("loss of 20 %") { Loss = 0.2, MayFail = true },
        new("duplication of 10 %") { Duplication = 0.1 },
        new("reordering of 25 %") { Reordering = 0.25 },
        new("corruption of 5 %") { Corruption = 0.05 },
        new("delay of 40 to 80 ms") { Delay = TimeSpan.FromMilliseconds(40), Jitter = TimeSpan.FromMilliseconds(40) },
        new("rate of 500 kB/s") { Rate = 500_000, MayFail = true },
        new("packets above 1,200 bytes vanish") { MaxPacket = 1200, MayFail = true },
        new("down for 2 s") { DownAt = TimeSpan.FromSeconds(1), DownFor = TimeSpan.FromSeconds(2) },
        new("forged resets") { Resets = 0.002, MayFail = true },
        new("all at once")
        {
            Loss = 0.02,
            Duplication = 0.05,
            Reordering = 0.1,
            Corruption = 0.01,
            Delay = TimeSpan.FromMilliseconds(5),
            Jitter = TimeSpan.FromMilliseconds(20),
        },
    ];
}
