using System.Net;

namespace Sluice.Cli.Tests;

/// <summary>STARTTLS with real servers. A test is skipped where its server is not installed.</summary>
[TestFixture]
[Platform("Linux", Reason = "The paths and users are those of Debian.")]
public sealed class StartTlsServerTests
{
    private readonly TemporaryFolder _folder = new();
    private readonly IPEndPoint _address = FreeAddress.Take();

    private string Certificate => _folder.PathOf("server.pem");

    private string Key => _folder.PathOf("server.key");

    private string Folder => Path.GetDirectoryName(Certificate)!;

    [SetUp]
    public async Task CreateCertificateAsync()
    {
        // RSA: not every server takes another one. The servers run as users of their own.
        Assert.That((await Cli.RunAsync("cert", Folder, "--rsa")).ExitCode, Is.Zero);
        await RealPeer.RunAsync("chmod", "755", Folder);
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task Dovecot([Values("imap", "pop3")] string protocol)
    {
        RealPeer.Find("dovecot");
        IgnoreUnlessRoot();
        string configuration = _folder.Write("dovecot.conf", $$"""
            protocols = {{protocol}}
            base_dir = {{Folder}}/run
            state_dir = {{Folder}}/run
            log_path = {{Folder}}/log
            default_internal_user = nobody
            default_internal_group = nogroup
            default_login_user = nobody
            ssl = yes
            ssl_cert = <{{Certificate}}
            ssl_key = <{{Key}}
            mail_location = maildir:{{Folder}}/mail
            passdb {
              driver = static
              args = password=x
            }
            service anvil {
              chroot =
            }
            service {{protocol}}-login {
              chroot =
              inet_listener {{protocol}} {
                address = {{_address.Address}}
                port = {{_address.Port}}
              }
              inet_listener {{protocol}}s {
                port = 0
              }
            }
            """);
        await AssertTrustedAsync(protocol, "dovecot", "-F", "-c", configuration);
    }

    [Test]
    public async Task Postgres()
    {
        string? programs = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order().LastOrDefault() : null;
        if (programs is null)
        {
            Assert.Ignore("PostgreSQL is not installed.");
        }

        IgnoreUnlessRoot();
        string own = _folder.PathOf("postgres");
        await RealPeer.RunAsync("install", "-d", "-o", "postgres", own);
        await RealPeer.RunAsync("install", "-o", "postgres", "-m", "600", Key, Path.Combine(own, "server.key"));
        string[] asUser = ["--reuid", "postgres", "--clear-groups"];
        await RealPeer.RunAsync("setpriv", [.. asUser, $"{programs}/bin/initdb", "-D", $"{own}/data", "-A", "trust", "-N"]);
        await AssertTrustedAsync(
            "postgres",
            "setpriv",
            [.. asUser, $"{programs}/bin/postgres", "-D", $"{own}/data", "-p", $"{_address.Port}", "-k", "", "-c", $"listen_addresses={_address.Address}",
             "-c", "ssl=on", "-c", $"ssl_cert_file={Certificate}", "-c", $"ssl_key_file={own}/server.key"]);
    }

    [Test]
    public async Task Slapd()
    {
        RealPeer.Find("slapd");
        string configuration = _folder.Write("slapd.conf", $"""
            include /etc/ldap/schema/core.schema
            TLSCertificateFile {Certificate}
            TLSCertificateKeyFile {Key}
            pidfile {Folder}/pid
            """);
        await AssertTrustedAsync("ldap", "slapd", "-d", "0", "-h", $"ldap://{_address}/", "-f", configuration);
    }

    [Test]
    public async Task Vsftpd()
    {
        RealPeer.Find("vsftpd");
        Directory.CreateDirectory(_folder.PathOf("empty"));
        string configuration = _folder.Write("vsftpd.conf", $"""
            listen=YES
            listen_address={_address.Address}
            listen_port={_address.Port}
            background=NO
            anonymous_enable=YES
            run_as_launching_user=YES
            seccomp_sandbox=NO
            secure_chroot_dir={Folder}/empty
            ssl_enable=YES
            allow_anon_ssl=YES
            rsa_cert_file={Certificate}
            rsa_private_key_file={Key}

            """);
        await AssertTrustedAsync("ftp", "vsftpd", configuration);
    }

    [Test]
    public async Task Exim()
    {
        RealPeer.Find("exim4");
        IgnoreUnlessRoot();
        string spool = _folder.PathOf("spool");
        await RealPeer.RunAsync("install", "-d", "-o", "Debian-exim", spool);
        await RealPeer.RunAsync("install", "-o", "Debian-exim", "-m", "600", Key, Path.Combine(spool, "server.key"));
        string configuration = _folder.Write("exim.conf", $"""
            keep_environment =
            local_interfaces = {_address.Address}
            daemon_smtp_ports = {_address.Port}
            tls_advertise_hosts = *
            tls_certificate = {Certificate}
            tls_privatekey = {spool}/server.key
            spool_directory = {spool}
            log_file_path = {spool}/%slog
            pid_file_path = {spool}/pid

            """);
        await AssertTrustedAsync("smtp", "exim4", "-C", configuration, "-bdf");
    }

    [Test]
    public async Task MariaDb() =>
        await AssertTrustedAsync("mysql", "mariadbd", [.. MariaDbArguments(), $"--ssl-cert={Certificate}", $"--ssl-key={Key}"]);

    [Test]
    public async Task MariaDb_without_a_certificate()
    {
        await using RealPeer peer = RealPeer.Start("mariadbd", [.. MariaDbArguments(), "--skip-ssl"]);
        await FreeAddress.ListenedAtAsync(_address);
        Assert.That(
            await Cli.RunAsync("tls", $"{_address}", "--starttls", "mysql"),
            Is.EqualTo((1, "", $"sluice: The server does not offer TLS.{Environment.NewLine}")));
    }

    [Test]
    public async Task Prosody()
    {
        RealPeer.Find("prosody");
        string configuration = _folder.Write("prosody.cfg.lua", $$"""
            daemonize = false
            run_as_root = true
            pidfile = "{{Folder}}/prosody.pid"
            data_path = "{{Folder}}"
            interfaces = { "{{_address.Address}}" }
            c2s_ports = { {{_address.Port}} }
            modules_enabled = { "tls", "saslauth" }
            modules_disabled = { "s2s" }
            c2s_require_encryption = true
            VirtualHost "localhost"
            ssl = { certificate = "{{Certificate}}", key = "{{Key}}" }
            """);
        await AssertTrustedAsync("xmpp", "prosody", "--config", configuration);
    }

    // Without InnoDB and without the tables of privileges, it needs no preparation, and listens at once.
    private string[] MariaDbArguments()
    {
        string data = _folder.PathOf("data");
        Directory.CreateDirectory(data);
        return
        [
            "--no-defaults", "--user=root", "--skip-grant-tables", "--skip-networking=0", "--skip-innodb", "--default-storage-engine=Aria", $"--datadir={data}",
            $"--socket={data}/socket", $"--pid-file={data}/pid", $"--bind-address={_address.Address}", $"--port={_address.Port}",
        ];
    }

    // They begin as root, and leave that to a user of their own.
    private static void IgnoreUnlessRoot()
    {
        if (Environment.UserName != "root")
        {
            Assert.Ignore("Only root can start this server.");
        }
    }

    private async Task AssertTrustedAsync(string protocol, string server, params string[] arguments)
    {
        await using RealPeer peer = RealPeer.Start(server, arguments);
        await FreeAddress.ListenedAtAsync(_address);
        string[] tls = ["--starttls", protocol, "--ca", _folder.PathOf("ca.pem"), "--servername", "localhost"];
        (int exitCode, string output, string errors) = await Cli.RunAsync(["tls", $"{_address}", .. tls, "--no-versions"]);
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output.TrimEnd(), Does.EndWith("Trusted for localhost"));

        (exitCode, output, errors) = await Cli.RunAsync(["connect", $"{_address}", .. tls, "--probe"]);
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.StartWith($"{_address} is open"));
    }
}
