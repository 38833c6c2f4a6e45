namespace Sluice.Scheduling;

/// <summary>
/// Decides which caller of a <see cref="ValueTask"/> may wait and take the result, where its source is used again: the first. A field of the source, never copied.
/// </summary>
internal struct SingleUse
{
    private const int Open = 0;
    private const int Awaited = 1;
    private const int Taken = 2;
    private const int PhaseMask = 3;
    private const int VersionShift = 2;

    // The version, which a caller has to know, and the phase.
    private int _state;

    /// <summary>Begins the use of the source under a new version.</summary>
    public void Begin(short version) => Volatile.Write(ref _state, (version << VersionShift) | Open);

    /// <summary>Whether the caller is the first that waits.</summary>
    public bool TryAwait(short version)
    {
        int open = (version << VersionShift) | Open;
        return Interlocked.CompareExchange(ref _state, (version << VersionShift) | Awaited, open) == open;
    }

    /// <summary>Lets the caller take the result. It alone may then return the source to its pool.</summary>
    /// <param name="version">The version that the caller knows.</param>
    /// <param name="isPending">Whether there is no result yet.</param>
    /// <exception cref="InvalidOperationException">There is no result yet, or it was taken before.</exception>
    public void Take(short version, bool isPending)
    {
        if (isPending)
        {
            throw new InvalidOperationException("The call has not completed. Await the ValueTask; to block until it has, call AsTask() first.");
        }

        int state = Volatile.Read(ref _state);
        while (state >> VersionShift == version && (state & PhaseMask) != Taken)
        {
            int seen = Interlocked.CompareExchange(ref _state, (version << VersionShift) | Taken, state);
            if (seen == state)
            {
                return;
            }

            state = seen;
        }

        throw new InvalidOperationException("The result of this ValueTask was taken before. Await it once; to await it several times, call AsTask() first.");
    }
}
