namespace Sluice.Cli.EndPoints;

/// <summary>Accepts links at an end point.</summary>
internal abstract class Listener : IAsyncDisposable
{
    /// <summary>Gets where it listens, with the port that it really has.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the port; 0 if the end point has none.</summary>
    public virtual int Port => 0;

    /// <summary>Calls the handler for each link, and disposes of the link when the handler ends. Ends when it is stopped and all handlers have ended.</summary>
    /// <param name="handler">Serves a link. Its token is cancelled when the grace period is over; for datagrams, when the listener stops.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="stopping">Stops the listener.</param>
    public abstract Task ServeAsync(Func<Link, CancellationToken, Task> handler, ListenerLimits limits, CancellationToken stopping);

    /// <summary>Sets the most links at a time. Those that are open stay.</summary>
    public virtual void SetMaxConnections(int maxConnections)
    {
        // A listener for one link has none to limit.
    }

    /// <summary>Ends the links that are still served.</summary>
    public abstract void Abort();

    public abstract ValueTask DisposeAsync();
}
