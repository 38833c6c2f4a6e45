namespace Sluice;

public sealed partial class SelectorManager
{
    /// <summary>The default of how many sockets <see cref="Describe"/> tells of: 1,000.</summary>
    public const int DefaultDescribedSockets = 1000;

    /// <summary>
    /// Tells what the manager is doing: its loops, and of its sockets what each waits for and for how long. From any thread, at any time; of
    /// things that go on meanwhile it may see some before and some after. Takes about a microsecond a socket.
    /// </summary>
    /// <param name="maxSockets">How many sockets to tell of, the newest.</param>
    /// <returns>The description, as objects, text and JSON.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public SelectorDescription Describe(int maxSockets = DefaultDescribedSockets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxSockets);
        return Describer.Describe(Sockets, maxSockets);
    }
}
