namespace Sluice;

public sealed partial class SelectorManager
{
    /// <summary>The default number of sockets in <see cref="Describe"/>: 1,000.</summary>
    public const int DefaultDescribedSockets = 1000;

    /// <summary>
    /// Describes the loops and sockets of the manager, with the event that each socket waits for, and for how long. Can be called on any thread and at any time.
    /// It is not atomic: it can see changes that happen during the call. It takes about a microsecond for each socket.
    /// </summary>
    /// <param name="maxSockets">The maximum number of sockets. The newest ones are described.</param>
    /// <returns>The description, as objects, text and JSON.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public SelectorDescription Describe(int maxSockets = DefaultDescribedSockets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxSockets);
        return Describer.Describe(Sockets, maxSockets);
    }
}
