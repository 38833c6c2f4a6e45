using System.Security;
using System.Text;

namespace Sluice.Cli.Tls;

/// <summary>Negotiates TLS with an XMPP server (RFC 6120, 5.4).</summary>
internal static class XmppStartTls
{
    private const int MaxLength = 64 * 1024;

    public static async Task RunAsync(Connection connection, string host, CancellationToken cancellationToken)
    {
        await SendAsync(
            connection,
            $"<?xml version='1.0'?><stream:stream to='{SecurityElement.Escape(host)}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
            cancellationToken);
        string features = await ReadUntilAsync(connection, "</stream:features>", cancellationToken);
        if (!features.Contains("<starttls", StringComparison.Ordinal))
        {
            throw StartTlsDialogue.NotOffered();
        }

        await SendAsync(connection, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", cancellationToken);
        string answer = await ReadUntilAsync(connection, ">", cancellationToken);
        if (!answer.Contains("<proceed", StringComparison.Ordinal))
        {
            throw StartTlsDialogue.Refused(answer.Trim());
        }

        if (!answer.EndsWith("/>", StringComparison.Ordinal))
        {
            await ReadUntilAsync(connection, ">", cancellationToken);
        }
    }

    private static async Task SendAsync(Connection connection, string text, CancellationToken cancellationToken)
    {
        await connection.Output.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await connection.Output.FlushAsync(cancellationToken);
    }

    // Byte by byte, so that nothing behind the element is read. The element is short.
    private static async Task<string> ReadUntilAsync(Connection connection, string end, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        byte[] one = new byte[1];
        while (one[0] != '>' || !text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            if (await connection.Input.ReadAsync(one, cancellationToken) == 0)
            {
                throw StartTlsDialogue.Closed();
            }

            text.Append((char)one[0]);
            if (text.Length > MaxLength || (one[0] == '>' && text.ToString().EndsWith("</stream:stream>", StringComparison.Ordinal)))
            {
                throw StartTlsDialogue.Refused(text.ToString());
            }
        }

        return text.ToString();
    }
}
