using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Listen;

/// <summary>Sends a file to each client.</summary>
internal sealed class FileServer(string path) : ILinkServer
{
    public async Task ServeAsync(Link link, CancellationToken cancellationToken)
    {
        if (link.Connection is { } connection)
        {
            // Stays in the kernel where the connection is plain.
            await connection.Output.SendFileAsync(path, cancellationToken);
            await connection.CloseAsync(cancellationToken);
            return;
        }

        await using FileStream file = File.OpenRead(path);
        byte[] buffer = new byte[1024];
        int count;
        while ((count = await file.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await link.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }
}
