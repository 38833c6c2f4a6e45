using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Testing.Tests.Cuts;

/// <summary>A TLS client and a TLS listener.</summary>
internal sealed class TlsScenario(int clientBytes, int serverBytes) : CutScenario
{
    // No multiple of the number of kinds, so that all come up.
    public const int Step = 5;

    // The length of a signature in its encoding varies.
    private const int Variation = 8;

    // The last record of either side.
    private const int CloseNotify = 24;

    public override int ClientBytes => clientBytes;

    public override int ServerBytes => serverBytes;

    private static SslClientAuthenticationOptions ClientOptions
    {
        get
        {
            X509ChainPolicy policy = TestCertificates.Trusting(TestCertificates.Authority);
            policy.VerificationTimeIgnored = true;

            // A resumed session needs fewer bytes.
            return new() { TargetHost = "localhost", CertificateChainPolicy = policy, AllowTlsResume = false };
        }
    }

    protected override async Task ServeAsync(SelectorManager selector)
    {
        await using ServerSocket server = (await selector.Tcp().BindAsync("::", Programs.Port, options => options.Accepted.SocketTimeout = SocketTimeout))
            .UseTls(TestCertificates.Server);
        await server.ServeAsync((connection, _) => HandleAsync(() => EchoAsync(connection)));
    }

    protected override async Task AskAsync(SelectorManager selector, string host)
    {
        await using StreamSocket socket = await selector.Tcp().ConnectTlsAsync(
            host, Programs.Port, ClientOptions, configure: options => options.SocketTimeout = SocketTimeout);
        await AskAsync(socket.OpenConnection());
    }

    protected override int Stride => Step;

    // A handshake costs more than all the rest.
    protected override bool AsksAgain(ulong seed) => seed % 20 == 0;

    protected override void CheckClient(Cut cut, Exception? failure)
    {
        // The answer may arrive before the cut.
        bool mayHaveEnded = !cut.OfServer && cut.After >= clientBytes - CloseNotify;
        if (failure is not null || !mayHaveEnded)
        {
            Check(cut, failure);
        }
    }

    // No handler gets a connection whose handshake has not ended.
    protected override void CheckServer(Cut cut, IReadOnlyList<Exception?> ends)
    {
        Assert.That(ends, Has.Count.LessThan(2));
        if (ends.Count > 0)
        {
            Check(cut, ends[0]);
        }
    }

    private void Check(Cut cut, Exception? failure)
    {
        if (cut.OfServer && cut.After >= serverBytes - CloseNotify - Variation)
        {
            // The answer may have arrived.
        }
        else if (cut.Kind == CutKind.End)
        {
            // An end without a close_notify.
            Assert.That(failure, Is.InstanceOf<IOException>(), $"{cut}");
        }
        else
        {
            CheckKind(cut, failure);
        }
    }
}
