namespace Sluice;

/// <summary>Specifies where code continues after an <see langword="await"/> on a socket.</summary>
public enum ContinuationScheduling
{
    /// <summary>
    /// On the event loop's thread, without a switch of threads. A handler that blocks delays other connections for at most
    /// <see cref="SelectorOptions.HandoffAfter"/>: the event loop then continues on another thread.
    /// </summary>
    Inline,

    /// <summary>On the thread pool: each wait takes a switch of threads, and the event loop never runs user code.</summary>
    ThreadPool,
}
