namespace Sluice;

/// <summary>Where code goes on after an <see langword="await"/> on a socket.</summary>
public enum ContinuationScheduling
{
    /// <summary>
    /// On the thread that saw the event: no hop. A handler that blocks holds up nobody for longer than
    /// <see cref="SelectorOptions.HandoffAfter"/>: its
    /// event loop then goes on on another thread.
    /// </summary>
    Inline,

    /// <summary>On the thread pool: a hop a wait, and the loop never runs user code.</summary>
    ThreadPool,
}
