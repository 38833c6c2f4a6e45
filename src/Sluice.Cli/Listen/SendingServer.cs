using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Listen;

/// <summary>Sends the printable characters, in lines that are shifted by one, as fast as the client receives (RFC 864).</summary>
internal sealed class SendingServer : ILinkServer
{
    private const int LineLength = 72;
    private const int First = ' ';
    private const int Count = '~' - ' ' + 1;

    // Whole rounds of lines, so that the text goes on behind its end.
    private static readonly byte[] s_text =
        [.. Enumerable.Range(0, Count * 9).SelectMany(line => Enumerable.Range(line, LineLength).Select(at => (byte)(First + (at % Count))).Append((byte)'\r').Append((byte)'\n'))];

    public async Task ServeAsync(Link link, CancellationToken cancellationToken)
    {
        // A datagram sets off one answer, as the RFC says; a connection gets an endless one.
        if (link.Connection is null)
        {
            byte[] request = new byte[Link.BufferSize];
            while (await link.ReadAsync(request, cancellationToken) > 0)
            {
                await link.WriteAsync(s_text.AsMemory(0, LineLength + 2), cancellationToken);
            }

            return;
        }

        try
        {
            while (true)
            {
                await link.WriteAsync(s_text, cancellationToken);
            }
        }
        catch (IOException exception) when (link.Connection.IsPeerFault(exception))
        {
            // The client has gone.
        }
    }
}
