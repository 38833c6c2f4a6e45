using System.Collections.Concurrent;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Listen;

/// <summary>Sends what a client sends to all others. A client that does not read delays no other: what it misses is dropped.</summary>
internal sealed class ChatServer : ILinkServer
{
    private readonly ConcurrentDictionary<Link, bool> _links = new();

    public async Task ServeAsync(Link link, CancellationToken cancellationToken)
    {
        _links[link] = true;
        try
        {
            byte[] buffer = new byte[Link.BufferSize];
            int count;
            while ((count = await link.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await SendAsync(link, buffer.AsMemory(0, count), cancellationToken);
            }
        }
        finally
        {
            _links.TryRemove(link, out _);
        }
    }

    private async Task SendAsync(Link from, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        foreach (Link to in _links.Keys)
        {
            if (to == from)
            {
                continue;
            }

            if (to.Connection is { } connection)
            {
                connection.Outbox.Post(bytes.Span);
            }
            else
            {
                await to.WriteAsync(bytes, cancellationToken);
            }
        }
    }
}
