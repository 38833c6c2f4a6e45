using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Listen;

/// <summary>Receives and discards.</summary>
internal sealed class ReceivingServer : ILinkServer
{
    public async Task ServeAsync(Link link, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[Link.BufferSize];
        while (await link.ReadAsync(buffer, cancellationToken) > 0)
        {
            // Discarded.
        }
    }
}
