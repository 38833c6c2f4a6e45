using System.Threading.Tasks.Sources;

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

    /// <summary>Lets the caller wait, if it is the first. <see cref="Take"/> throws to a second one.</summary>
    public void OnCompleted<TResult>(
        ref ManualResetValueTaskSourceCore<TResult> core, Action<object?> continuation, object? state, short version, ValueTaskSourceOnCompletedFlags flags)
    {
        int open = (version << VersionShift) | Open;
        if (Interlocked.CompareExchange(ref _state, (version << VersionShift) | Awaited, open) == open)
        {
            core.OnCompleted(continuation, state, version, flags);
        }
        else
        {
            // An exception here would end the process: the caller's builder throws it where nothing can catch it.
            ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: false);
        }
    }

    /// <summary>Lets the caller take the result. It alone may then return the source to its pool.</summary>
    /// <param name="core">The core of the source.</param>
    /// <param name="version">The version that the caller knows.</param>
    /// <exception cref="InvalidOperationException">There is no result yet, or it was taken before.</exception>
    public void Take<TResult>(ref ManualResetValueTaskSourceCore<TResult> core, short version)
    {
        // Throws for another version.
        if (core.GetStatus(version) == ValueTaskSourceStatus.Pending)
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
