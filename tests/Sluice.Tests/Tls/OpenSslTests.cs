using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Sluice.Tls;

namespace Sluice.Tests.Tls;

/// <summary>TLS with peers that are not ours: OpenSSL's and GnuTLS' own programs, and curl.</summary>
public sealed class OpenSslTests(SelectorEngine engine) : TlsFixture(engine)
{
    private string _folder = string.Empty;

    [SetUp]
    public void WriteCertificates()
    {
        _folder = Directory.CreateTempSubdirectory("sluice-tls").FullName;
        CertificateFiles.WritePem(Authority, Path.Combine(_folder, "ca.pem"));
        CertificateFiles.WritePem(ServerCertificate, Path.Combine(_folder, "server.pem"));
        CertificateFiles.WriteKeyPem(ServerCertificate, Path.Combine(_folder, "server.key"));
        CertificateFiles.WritePem(ClientCertificate, Path.Combine(_folder, "client.pem"));
        CertificateFiles.WriteKeyPem(ClientCertificate, Path.Combine(_folder, "client.key"));
    }

    [TearDown]
    public void DeleteCertificates() => Directory.Delete(_folder, recursive: true);

    [TestCase("-tls1_2", SslProtocols.Tls12)]
    [TestCase("-tls1_3", SslProtocols.Tls13)]
    [TestCase("-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", SslProtocols.Tls12)]
    [TestCase("-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", SslProtocols.Tls12)]
    [TestCase("-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256", SslProtocols.Tls13)]
    [TestCase("-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256", SslProtocols.Tls13)]
    public async Task Openssl_s_client_is_served(string how, SslProtocols protocol)
    {
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<TlsSession> serving = EchoOneLineAsync(listener, Serving());

        await using RealPeer client = StartClient(listener.Port, how);
        await client.Input.WriteLineAsync("hello");
        await client.Input.FlushAsync();

        Assert.That((await serving.Soon()).Protocol, Is.EqualTo(protocol));
        Assert.That(await client.WaitForSuccessAsync(), Does.Contain("hello"));
    }

    [TestCase("K")]
    [TestCase("k")]
    public async Task A_change_of_keys_brings_no_data_and_leaves_the_reader_waiting(string command)
    {
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<StreamSocket> accepting = listener.AcceptAsync().AsTask();
        await using RealPeer client = StartClient(listener.Port, "-tls1_3");
        await using Connection connection = await (await accepting.Soon()).OpenConnection().UpgradeToTlsServerAsync(Serving()).Soon();
        await SayAsync("hello");
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("hello"));

        for (int i = 0; i < 5; i++)
        {
            long before = RecordBytes();
            Task<string?> reading = Task.Run(async () => await connection.Input.ReadLineAsync());
            await SayAsync(command);
            await Waiting.UntilAsync(() => RecordBytes() > before);

            // A reader that finds a record without data again and again would not be waiting.
            int inARow = 0;
            await Waiting.UntilAsync(() => (inARow = connection.Socket.Transport.Wait.For == "data" ? inARow + 1 : 0) == 10);
            Assert.That(reading.IsCompleted, Is.False);
            await connection.Output.WriteLineAsync("under the new keys").Soon();
            await SayAsync($"line {i}");
            Assert.That(await reading.Soon(), Is.EqualTo($"line {i}"));
        }

        long RecordBytes() => ((Sluice.Engine.ITransportOwner)connection.Socket).Bytes.Received;

        async Task SayAsync(string line)
        {
            await client.Input.WriteLineAsync(line);
            await client.Input.FlushAsync();
        }
    }

    [Test]
    public async Task A_client_that_wants_to_renegotiate_ends_or_goes_on()
    {
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<StreamSocket> accepting = listener.AcceptAsync().AsTask();
        await using RealPeer client = StartClient(listener.Port, "-tls1_2");
        await using Connection connection = await (await accepting.Soon()).OpenConnection().UpgradeToTlsServerAsync(Serving()).Soon();
        Task<Exception?> reading = connection.Input.ReadLineAsync().OutcomeAsync();
        await client.Input.WriteLineAsync("R");
        await client.Input.FlushAsync();

        // Waits out the renegotiation, which may end the connection.
        await Task.WhenAny(reading, Task.Delay(500)).Soon();
        await client.Input.WriteLineAsync("there");
        client.Input.Close();
        Assert.That(await reading.Soon(), Is.Null.Or.InstanceOf<IOException>());
    }

    [Test]
    public async Task Openssl_s_client_shows_its_certificate_and_asks_for_a_name_and_a_protocol()
    {
        SslServerAuthenticationOptions options = Serving();
        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = Policy(Authority);
        options.ApplicationProtocols = [new SslApplicationProtocol("chat/2"), new SslApplicationProtocol("chat/1")];
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<TlsSession> serving = EchoOneLineAsync(listener, options);

        await using RealPeer client = StartClient(
            listener.Port, $"-alpn chat/1 -cert {_folder}/client.pem -key {_folder}/client.key");
        await client.Input.WriteLineAsync("hello");
        await client.Input.FlushAsync();

        TlsSession session = await serving.Soon();
        Assert.That(session.RemoteCertificate!.Subject, Is.EqualTo("CN=a client"));
        Assert.That(session.ServerName, Is.EqualTo("localhost"));
        Assert.That(session.ApplicationProtocol.ToString(), Is.EqualTo("chat/1"));
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task Openssl_s_client_resumes_its_session(string protocol)
    {
        string file = Path.Combine(_folder, "session");
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1");
        SslServerAuthenticationOptions options = Serving();
        options.ServerCertificate = null;
        options.ServerCertificateContext = SslStreamCertificateContext.Create(ServerCertificate, additionalCertificates: null);
        string[] printed = new string[2];
        for (int i = 0; i < printed.Length; i++)
        {
            Task<TlsSession> serving = EchoOneLineAsync(listener, options);
            await using RealPeer client = StartClient(listener.Port, $"{protocol} {(i == 0 ? "-sess_out" : "-sess_in")} {file}");
            await client.Input.WriteLineAsync("hello");
            await client.Input.FlushAsync();
            await serving.Soon();
            printed[i] = await client.WaitForSuccessAsync();
        }

        Assert.That(printed[0], Does.Contain("New, TLS"));
        Assert.That(printed[1], Does.Contain("Reused, TLS"));
    }

    [TestCase("-tls1_2", SslProtocols.Tls12)]
    [TestCase("-tls1_3", SslProtocols.Tls13)]
    [TestCase("-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", SslProtocols.Tls12)]
    [TestCase("-Verify 1 -verify_return_error", SslProtocols.Tls13)]
    public async Task Openssl_s_server_serves_us(string how, SslProtocols protocol)
    {
        (RealPeer peer, int port) = await StartServerAsync(how);
        await using (peer)
        {
            SslClientAuthenticationOptions options = Trusting();
            options.ClientCertificates = [ClientCertificate];
            await using StreamSocket socket = await Selector.Tcp().ConnectTlsAsync("127.0.0.1", port, options).Soon();
            Connection connection = socket.OpenConnection();

            await connection.Output.WriteLineAsync("hello").Soon();

            // With -rev, it answers each line turned round.
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("olleh"));
            Assert.That(socket.Tls!.Protocol, Is.EqualTo(protocol));
        }
    }

    [TestCase("-tls1_1 -cipher DEFAULT@SECLEVEL=0")]
    [TestCase("-tls1 -cipher DEFAULT@SECLEVEL=0")]
    public async Task A_server_of_an_old_version_is_refused(string how)
    {
        (RealPeer peer, int port) = await StartServerAsync(how);
        await using (peer)
        {
            AuthenticationException refused = Assert.ThrowsAsync<AuthenticationException>(
                async () => await Selector.Tcp().ConnectTlsAsync("127.0.0.1", port, Trusting()).Soon())!;

            Assert.That(refused.Message, Does.Contain("protocol version").Or.Contain("unsupported protocol"));
        }
    }

    [Test]
    public async Task A_client_without_the_certificate_that_is_required_is_told_so_by_the_alerts_name()
    {
        (RealPeer peer, int port) = await StartServerAsync("-Verify 1 -verify_return_error");
        await using (peer)
        {
            // With TLS 1.3 the handshake is done when the refusal comes: the next read is told.
            Exception refused = Assert.CatchAsync(async () =>
            {
                await using StreamSocket socket = await Selector.Tcp().ConnectTlsAsync("127.0.0.1", port, Trusting()).Soon();
                await socket.OpenReadChannel().ReadLineAsync().Soon();
            })!;

            Assert.That(refused.ToString(), Does.Contain("certificate required").IgnoreCase);
        }
    }

    [Test]
    public async Task Gnutls_cli_is_served()
    {
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<TlsSession> serving = EchoOneLineAsync(listener, Serving());

        await using RealPeer client = RealPeer.Start(
            "gnutls-cli", "--x509cafile", $"{_folder}/ca.pem", "--port", Text(listener.Port), "localhost");
        await client.Input.WriteLineAsync("hello");
        await client.Input.FlushAsync();

        Assert.That((await serving.Soon()).Protocol, Is.EqualTo(SslProtocols.Tls13));
        Assert.That(await client.WaitForSuccessAsync(), Does.Contain("hello"));
    }

    [Test]
    public async Task Curl_is_served()
    {
        await using ServerSocket listener = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = Task.Run(async () =>
        {
            await using StreamSocket accepted = await listener.AcceptAsync();
            await using Connection connection = await accepted.OpenConnection().UpgradeToTlsServerAsync(Serving());
            while (await connection.Input.ReadLineAsync() is { Length: > 0 })
            {
            }

            await connection.Output.WriteStringAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n");
        });

        string body = await RealPeer.RunAsync(
            "curl", "--silent", "--show-error", "--cacert", $"{_folder}/ca.pem", $"https://localhost:{Text(listener.Port)}/");

        Assert.That(body, Is.EqualTo("hello\n"));
        await serving.Soon();
    }

    private static async Task<TlsSession> EchoOneLineAsync(ServerSocket listener, SslServerAuthenticationOptions options)
    {
        await using StreamSocket accepted = await listener.AcceptAsync();
        await using Connection connection = await accepted.OpenConnection().UpgradeToTlsServerAsync(options);
        string? line = await connection.Input.ReadLineAsync();
        await connection.Output.WriteLineAsync(line!);
        return connection.Tls!;
    }

    private RealPeer StartClient(int port, string how) => RealPeer.Start(
        "openssl",
        ["s_client", "-connect", $"127.0.0.1:{Text(port)}", "-servername", "localhost", "-CAfile", $"{_folder}/ca.pem", "-verify_return_error", .. how.Split(' ')]);

    // It does not say which port it was given, so it is given one; and it is up when it answers.
    private async Task<(RealPeer Peer, int Port)> StartServerAsync(string how)
    {
        int port;
        using (Socket free = Peers.Silent())
        {
            port = ((System.Net.IPEndPoint)free.LocalEndPoint!).Port;
        }

        RealPeer peer = RealPeer.Start(
            "openssl",
            ["s_server", "-accept", $"127.0.0.1:{Text(port)}", "-cert", $"{_folder}/server.pem", "-key", $"{_folder}/server.key",
                "-CAfile", $"{_folder}/ca.pem", "-rev", "-quiet", .. how.Split(' ')]);
        for (int i = 0; ; i++)
        {
            try
            {
                await using StreamSocket probe = await Selector.Tcp().ConnectAsync("127.0.0.1", port).Soon();
                return (peer, port);
            }
            catch (SocketException) when (i < 200)
            {
                // It does not listen yet.
                await Task.Delay(25);
            }
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
