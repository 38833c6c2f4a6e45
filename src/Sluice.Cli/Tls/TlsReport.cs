using System.Diagnostics;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Tls;

/// <summary>Runs <c>sluice tls</c>.</summary>
internal sealed class TlsReport(Address address, DialSettings dial, int? expiresWithin, bool triesVersions, bool json)
{
    // The order in which they are printed.
    private static readonly SslProtocols[] s_versions = [SslProtocols.Tls12, SslProtocols.Tls13];

    private readonly ChainRecorder _chain = new();

    public async Task<int> RunAsync()
    {
        await using SelectorManager selector = dial.Network.CreateSelector();

        // The connection is made whatever the certificate is, so that its chain can be shown; the check says what would have been refused.
        DialSettings settings = dial with { Tls = dial.Tls with { Recorder = _chain } };
        long began = Stopwatch.GetTimestamp();
        Link opened;
        try
        {
            dial.Tls.CheckFiles();
            opened = await new Dialer(selector, settings).OpenAsync(address, CancellationToken.None);
        }
        catch (Exception exception) when (json && Failures.IsExpected(exception))
        {
            Console.WriteLine(JsonLine.Of(("endPoint", $"{address}"), ("error", Failures.MessageOf(exception))));
            return ExitCodes.Failure;
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
        TlsSession session = opened.Connection!.Tls!;

        // Closed before the versions are tried: some servers serve one connection at a time.
        await opened.DisposeAsync();
        Dictionary<SslProtocols, TlsVersion> versions = triesVersions ? await TryVersionsAsync(selector) : [];
        string? soon = ExpiresSoon();
        if (json)
        {
            PrintJson(session, elapsed, versions, soon);
        }
        else
        {
            Print(session, elapsed, versions, soon);
        }

        return _chain.Refusal is null && soon is null ? ExitCodes.Success : ExitCodes.Failure;
    }

    private void Print(TlsSession session, TimeSpan elapsed, Dictionary<SslProtocols, TlsVersion> versions, string? soon)
    {
        WrappedText.WriteLine($"{address}: {TlsText.NameOf(session.Protocol)}, {session.CipherSuite}, connected in {Quantity.Milliseconds(elapsed)}");
        if (!session.ApplicationProtocol.Protocol.IsEmpty)
        {
            WrappedText.WriteLine($"ALPN: {session.ApplicationProtocol}");
        }

        foreach ((SslProtocols version, TlsVersion tried) in versions)
        {
            WrappedText.WriteLine($"{TlsText.NameOf(version)}: {tried}");
        }

        for (int i = 0; i < _chain.Certificates.Count; i++)
        {
            CertificateText.Write(_chain.Certificates[i], i == 0 ? "certificate" : "issued by");
        }

        WrappedText.WriteLine(_chain.Refusal is { } refused ? $"Refused: {refused}" : $"Trusted for {session.ServerName}");
        if (soon is not null)
        {
            WrappedText.WriteLine(soon);
        }
    }

    private void PrintJson(TlsSession session, TimeSpan elapsed, Dictionary<SslProtocols, TlsVersion> versions, string? soon)
    {
        X509Certificate2? own = _chain.Certificates is [var first, ..] ? first : null;
        Console.WriteLine(JsonLine.Of(
            ("endPoint", $"{address}"),
            ("protocol", TlsText.NameOf(session.Protocol)),
            ("cipherSuite", $"{session.CipherSuite}"),
            ("alpn", session.ApplicationProtocol.Protocol.IsEmpty ? null : $"{session.ApplicationProtocol}"),
            ("milliseconds", elapsed.TotalMilliseconds),
            ("versions", versions.Count == 0 ? null : versions.Where(one => one.Value.Refusal is null).Select(one => TlsText.NameOf(one.Key))),
            ("asksForCertificate", versions.Count == 0 ? null : versions.Values.Any(one => one.AsksForCertificate)),
            ("subject", own?.Subject),
            ("issuer", own?.Issuer),
            ("notBefore", own is null ? null : CertificateText.Time(own.NotBefore)),
            ("notAfter", own is null ? null : CertificateText.Time(own.NotAfter)),
            ("daysLeft", own is null ? null : CertificateText.DaysLeft(own)),
            ("sha256", own?.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256)),
            ("names", own is null ? null : CertificateText.Names(own)),
            ("chain", _chain.Certificates.Select(one => one.Subject)),
            ("trusted", _chain.Refusal is null),
            ("refused", _chain.Refusal),
            ("warning", soon)));
    }

    private string? ExpiresSoon() => expiresWithin is { } days && _chain.Certificates is [var own, ..] && CertificateText.DaysLeft(own) < days
        ? $"Expires within {Quantity.Of(days, "day")}"
        : null;

    private async Task<Dictionary<SslProtocols, TlsVersion>> TryVersionsAsync(SelectorManager selector)
    {
        var versions = new Dictionary<SslProtocols, TlsVersion>();
        foreach (SslProtocols version in s_versions)
        {
            versions[version] = await TryVersionAsync(selector, version);
        }

        return versions;
    }

    // Without a client certificate: only then the client learns whether the server asks for one.
    private async Task<TlsVersion> TryVersionAsync(SelectorManager selector, SslProtocols version)
    {
        bool isAsked = false;
        ClientTls tls = dial.Tls with { Version = version, Insecure = true, AuthorityFile = null, CertificateFile = null, KeyFile = null, CertificateRequested = () => isAsked = true };
        try
        {
            await using Link link = await new Dialer(selector, dial with { Tls = tls }).OpenAsync(address, CancellationToken.None);
            return new TlsVersion(Refusal: null, isAsked);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or TimeoutException)
        {
            // The server asks after it has chosen the version. What it refuses then is that there is no certificate.
            return new TlsVersion(isAsked && TlsText.IsAlert(exception) ? null : TlsText.ReasonOf(exception), isAsked);
        }
    }
}
