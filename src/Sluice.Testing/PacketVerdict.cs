namespace Sluice.Testing;

/// <summary>Represents what a rule does with a packet; see <see cref="SimulatedNetwork.AddRule"/>. The default is <see cref="Accept"/>.</summary>
public readonly record struct PacketVerdict
{
    private PacketVerdict(Action action, long argument = 0)
    {
        Does = action;
        Argument = argument;
    }

    internal enum Action
    {
        Accept,
        Drop,
        Hold,
        Delay,
        Corrupt,
    }

    /// <summary>Gets the verdict that leaves the packet to the next rule. After the last one, it takes its way.</summary>
    public static PacketVerdict Accept => default;

    /// <summary>Gets the verdict that loses the packet. TCP sends a segment again, to which the rule applies as well.</summary>
    public static PacketVerdict Drop => new(Action.Drop);

    /// <summary>Gets the verdict that keeps the packet until the rule is disposed.</summary>
    public static PacketVerdict Hold => new(Action.Hold);

    internal Action Does { get; }

    /// <summary>Gets the ticks of a delay, or the number of a bit.</summary>
    internal long Argument { get; }

    /// <summary>Returns the verdict that lets the packet arrive later. Later segments of its connection then arrive after it.</summary>
    /// <param name="time">The time, in addition to the latency.</param>
    /// <returns>The verdict.</returns>
    public static PacketVerdict Delay(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return new PacketVerdict(Action.Delay, time.Ticks);
    }

    /// <summary>
    /// Returns the verdict that changes a bit of a datagram. The receiver of a segment of TCP would find it by its checksum, and drop the segment: so it is lost.
    /// </summary>
    /// <param name="bit">The number of the bit: 0 is the lowest one of the first byte. It is taken modulo the number of bits; a datagram without a byte does not change.</param>
    /// <returns>The verdict.</returns>
    public static PacketVerdict Corrupt(int bit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bit);
        return new PacketVerdict(Action.Corrupt, bit);
    }
}
