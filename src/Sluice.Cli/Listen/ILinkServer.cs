using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Listen;

/// <summary>Serves the links that a listener accepts.</summary>
internal interface ILinkServer
{
    Task ServeAsync(Link link, CancellationToken cancellationToken);
}
