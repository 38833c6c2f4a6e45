namespace Sluice.Cli.EndPoints;

/// <summary>"Listens" at an end point that is one link: the standard input and output, a command or an inherited descriptor.</summary>
internal sealed class SingleListener(Link link) : Listener
{
    public override string Name => link.Name;

    public override Task ServeAsync(Func<Link, CancellationToken, Task> handler, ListenerLimits limits, CancellationToken stopping) => handler(link, stopping);

    public override void Abort() => link.Abort();

    public override ValueTask DisposeAsync() => link.DisposeAsync();
}
