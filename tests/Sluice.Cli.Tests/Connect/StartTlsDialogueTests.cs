using System.Text;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Tests.Connect;

/// <summary>Requests and answers, byte for byte, without a network.</summary>
[TestFixture]
public sealed class StartTlsDialogueTests
{
    private const string LdapRequest = "30 1D 02 01 01 77 18 80 16 31 2E 33 2E 36 2E 31 2E 34 2E 31 2E 31 34 36 36 2E 32 30 30 33 37";
    private const string PostgresRequest = "00 00 00 08 04 D2 16 2F";

    // Length and number; version 10, "8.0" and a zero, thread, salt, filler, capabilities with and without CLIENT_SSL.
    private const string MySqlGreeting = "15 00 00 00 0A 38 2E 30 00 01 00 00 00 61 62 63 64 65 66 67 68 00 00 0A 2D";
    private const string MySqlGreetingWithoutTls = "15 00 00 00 0A 38 2E 30 00 01 00 00 00 61 62 63 64 65 66 67 68 00 00 02 2D";
    private const string MySqlRequest = "20 00 00 01 00 8A 00 00 00 00 00 01 2D 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00";

    private const string XmppOpen =
        "<?xml version='1.0'?><stream:stream to='host' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

    private const string XmppFeatures =
        "<stream:stream id='1'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>";

    private const string XmppAsk = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

    [TestCase("Pop3", "<+OK ready\r\n", ">STLS\r\n", "<+OK begin\r\n")]
    [TestCase("Ftp", "<220-hello\r\n220 ready\r\n", ">AUTH TLS\r\n", "<234 begin\r\n")]
    [TestCase("Ftp", "<220-hello\r\n and more\r\n220 ready\r\n", ">AUTH TLS\r\n", "<234 begin\r\n")]
    [TestCase("Xmpp", ">" + XmppOpen, "<" + XmppFeatures, ">" + XmppAsk, "<<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")]
    [TestCase("Xmpp", ">" + XmppOpen, "<" + XmppFeatures, ">" + XmppAsk, "<<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'></proceed>")]
    [TestCase("Postgres", ">:" + PostgresRequest, "<:53")]
    [TestCase("MySql", "<:" + MySqlGreeting, ">:" + MySqlRequest)]
    [TestCase("Ldap", ">:" + LdapRequest, "<:30 0C 02 01 01 78 07 0A 01 00 04 00 04 00")]
    [TestCase("Ldap", ">:" + LdapRequest, "<:30 84 00 00 00 0C 02 01 01 78 07 0A 01 00 04 00 04 00")]
    [TestCase("Ldap", ">:" + LdapRequest, "<:30 81 0C 02 01 01 78 07 0A 01 00 04 00 04 00")]
    public async Task The_server_agrees_and_what_it_sends_then_is_left_for_TLS(string kind, params string[] dialogue)
    {
        (Connection connection, Connection peer) = ByteChannel.CreateConnectedPair();
        await using (connection)
        await using (peer)
        {
            Task asking = StartTlsDialogue.RunAsync(Enum.Parse<StartTls>(kind), connection, "host", CancellationToken.None);
            await PlayAsync(peer, dialogue);
            await asking.Soon();
            await peer.Output.WriteLineAsync("rest");
            Assert.That(await connection.Input.ReadLineAsync().AsTask().Soon(), Is.EqualTo("rest"));
        }
    }

    [TestCase("Pop3", "The server says: -ERR no", "<-ERR no\r\n")]
    [TestCase("Ftp", "The server says: 502 no", "<220 ready\r\n", ">AUTH TLS\r\n", "<502 no\r\n")]
    [TestCase("Xmpp", "The server does not offer TLS.", ">" + XmppOpen, "<<stream:stream><stream:features></stream:features>")]
    [TestCase("Xmpp", "The server says: <failure/>", ">" + XmppOpen, "<" + XmppFeatures, ">" + XmppAsk, "<<failure/>")]
    [TestCase("Postgres", "The server does not offer TLS.", ">:" + PostgresRequest, "<:4E")]
    [TestCase("Postgres", "The server says: 0x48", ">:" + PostgresRequest, "<:48")]
    [TestCase("Postgres", "The server has closed the connection.", ">:" + PostgresRequest, "|")]
    [TestCase("MySql", "The server does not offer TLS.", "<:" + MySqlGreetingWithoutTls)]
    [TestCase("MySql", "The server says: no", "<:05 00 00 00 FF 10 04 6E 6F")]
    [TestCase("Ldap", "The server says: LDAP result 2", ">:" + LdapRequest, "<:30 0C 02 01 01 78 07 0A 01 02 04 00 04 00")]
    [TestCase("Ldap", "The server does not speak LDAP.", ">:" + LdapRequest, "<:48 02 54 54")]
    [TestCase("Ldap", "The server does not speak LDAP.", ">:" + LdapRequest, "<:30 85 54 54 54 54 54")]
    public async Task A_server_that_does_not_agree_is_an_error(string kind, string error, params string[] dialogue)
    {
        (Connection connection, Connection peer) = ByteChannel.CreateConnectedPair();
        await using (connection)
        await using (peer)
        {
            Task asking = StartTlsDialogue.RunAsync(Enum.Parse<StartTls>(kind), connection, "host", CancellationToken.None);
            await PlayAsync(peer, dialogue);
            IOException? thrown = Assert.ThrowsAsync<IOException>(() => asking.Soon());
            Assert.That(thrown!.Message, Is.EqualTo(error));
        }
    }

    [TestCase("Smtp", "220-hello\r\n")]
    [TestCase("Smtp", "220-hello")]
    [TestCase("Ftp", "220-hello\r\n and more\r\n")]
    [TestCase("Imap", "* OK hello\r\n")]
    [TestCase("Pop3", "+OK hello")]
    [TestCase("Xmpp", "<stream:features>")]
    public async Task A_server_that_says_more_and_more_is_an_error(string kind, string text)
    {
        (Connection connection, Connection peer) = ByteChannel.CreateConnectedPair();
        await using (connection)
        await using (peer)
        {
            using var ending = new CancellationTokenSource();
            Task asking = StartTlsDialogue.RunAsync(Enum.Parse<StartTls>(kind), connection, "host", CancellationToken.None);
            Task saying = SayAsync(peer, Encoding.ASCII.GetBytes(text), ending.Token);
            Assert.That(Assert.ThrowsAsync<IOException>(() => asking.Soon())!.Message, Does.StartWith("The server says"));
            await ending.CancelAsync();
            await saying.Soon();
        }
    }

    private static async Task SayAsync(Connection peer, byte[] text, CancellationToken ending)
    {
        try
        {
            while (true)
            {
                await peer.Output.WriteAsync(text, ending);
                await peer.Output.FlushAsync(ending);
            }
        }
        catch (OperationCanceledException)
        {
            // The dialogue has ended.
        }
    }

    /// <summary>Expects what begins with &gt;, and sends what begins with &lt;; a colon begins hexadecimal numbers, and | ends the sending.</summary>
    private static async Task PlayAsync(Connection peer, string[] dialogue)
    {
        foreach (string step in dialogue)
        {
            byte[] bytes = step is [_, ':', ..] ? Convert.FromHexString(step[2..].Replace(" ", "", StringComparison.Ordinal)) : Encoding.ASCII.GetBytes(step[1..]);
            if (step[0] == '>')
            {
                Assert.That(await peer.Input.ReadExactlyAsync(bytes.Length).AsTask().Soon(), Is.EqualTo(bytes));
            }
            else if (step[0] == '<')
            {
                await peer.Output.WriteAsync(bytes);
            }
            else
            {
                await peer.Output.CompleteAsync();
            }
        }
    }
}
