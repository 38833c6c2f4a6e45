using System.Text;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Tests.Connect;

/// <summary>The replies of a server arrive byte by byte, or end at any byte.</summary>
[TestFixture]
public sealed class StartTlsCutTests
{
    // What the protocols say, in hexadecimal numbers for those that are binary.
    private static readonly Dictionary<StartTls, string[]> s_dialogues = new()
    {
        // RFC 3207, 5, with a greeting of several lines (RFC 5321, 4.2.1).
        [StartTls.Smtp] =
        [
            "<220-mail.example.com ESMTP\r\n220 ready\r\n", ">EHLO localhost\r\n", "<250-mail.example.com\r\n250-SIZE 1000\r\n250-STARTTLS\r\n250 HELP\r\n",
            ">STARTTLS\r\n", "<220 Go ahead\r\n",
        ],

        // RFC 9051, 6.2.1.
        [StartTls.Imap] = ["<* OK [CAPABILITY STARTTLS] ready\r\n", ">a STARTTLS\r\n", "<* CAPABILITY IMAP4rev2\r\na OK Begin TLS\r\n"],

        // RFC 2595, 4.
        [StartTls.Pop3] = ["<+OK ready\r\n", ">STLS\r\n", "<+OK Begin TLS\r\n"],

        // RFC 4217, 4, with a greeting of several lines (RFC 959, 4.2).
        [StartTls.Ftp] = ["<220-hello\r\n and more\r\n220 ready\r\n", ">AUTH TLS\r\n", "<234 Begin TLS\r\n"],

        // RFC 6120, 5.4.
        [StartTls.Xmpp] =
        [
            "><?xml version='1.0'?><stream:stream to='host' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
            "<<?xml version='1.0'?><stream:stream id='1' from='host'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>",
            "><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "<<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'></proceed>",
        ],

        // RFC 4511, 4.14, with a length of two bytes.
        [StartTls.Ldap] = [">:301D02010177188016312E332E362E312E342E312E313436362E3230303337", "<:30810C02010178070A010004000400"],

        // PostgreSQL's documentation, 55.2.10.
        [StartTls.Postgres] = [">:0000000804D2162F", "<:53"],

        // MySQL's documentation, Protocol::HandshakeV10 and Protocol::SSLRequest.
        [StartTls.MySql] =
        [
            "<:150000000A382E300001000000616263646566676800000A2D",
            ">:20000001008A0000000000012D0000000000000000000000000000000000000000000000",
        ],
    };

    private static IEnumerable<string> Protocols => s_dialogues.Keys.Select(kind => $"{kind}");

    [TestCaseSource(nameof(Protocols))]
    public async Task Replies_that_arrive_byte_by_byte_are_understood(string kind)
    {
        (Connection connection, Connection peer) = ByteChannel.CreateConnectedPair();
        await using (connection)
        await using (peer)
        {
            Task asking = StartTlsDialogue.RunAsync(Enum.Parse<StartTls>(kind), connection, "host", CancellationToken.None);
            await PlayAsync(peer, s_dialogues[Enum.Parse<StartTls>(kind)], int.MaxValue);
            await asking.Soon();

            // What comes after the last reply is left for TLS.
            await peer.Output.WriteLineAsync("rest");
            await peer.Output.FlushAsync();
            Assert.That(await connection.Input.ReadLineAsync().AsTask().Soon(), Is.EqualTo("rest"));
        }
    }

    [TestCaseSource(nameof(Protocols))]
    public async Task A_server_that_closes_in_the_middle_of_a_reply_has_not_agreed(string kind)
    {
        string[] dialogue = s_dialogues[Enum.Parse<StartTls>(kind)];
        int replied = dialogue.Where(step => step[0] == '<').Sum(step => BytesOf(step).Length);
        for (int count = 0; count < replied; count++)
        {
            (Connection connection, Connection peer) = ByteChannel.CreateConnectedPair();
            await using (connection)
            await using (peer)
            {
                Task asking = StartTlsDialogue.RunAsync(Enum.Parse<StartTls>(kind), connection, "host", CancellationToken.None);
                await PlayAsync(peer, dialogue, count);
                IOException? thrown = Assert.ThrowsAsync<IOException>(() => asking.Soon(), $"after {count} bytes");
                Assert.That(thrown!.Message, Is.EqualTo("The server has closed the connection."), $"after {count} bytes");
            }
        }
    }

    /// <summary>Plays the server, and closes when it has sent so many bytes.</summary>
    private static async Task PlayAsync(Connection peer, string[] dialogue, int count)
    {
        foreach (string step in dialogue)
        {
            byte[] bytes = BytesOf(step);
            if (step[0] == '>')
            {
                Assert.That(await peer.Input.ReadExactlyAsync(bytes.Length).AsTask().Soon(), Is.EqualTo(bytes));
                continue;
            }

            foreach (byte one in bytes)
            {
                if (count-- == 0)
                {
                    await peer.Output.CompleteAsync();
                    return;
                }

                await peer.Output.WriteAsync(new[] { one });
                await peer.Output.FlushAsync();
                await Task.Yield();
            }
        }
    }

    private static byte[] BytesOf(string step) => step[1] == ':' ? Convert.FromHexString(step[2..]) : Encoding.ASCII.GetBytes(step[1..]);
}
