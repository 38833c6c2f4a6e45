using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;
using Sluice.Tls;

namespace Sluice.Cli.Certificates;

/// <summary>Defines and runs <c>sluice cert inspect</c>.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "PEM, DER or PFX files.", Arity = ArgumentArity.OneOrMore };
        CommonOptions.NeedPath(files);
        Option<int?> days = CommonOptions.Positive("--expires-within", "Fail if a certificate expires within so many days.", "DAYS", 3650);
        var json = new Option<bool>("--json") { Description = "Print a line of JSON per certificate." };
        var command = new Command("inspect", "Say what is in certificate files: names, validity, keys. Fails if a certificate has expired.") { files, days, json };
        command.SetAction((result, _) => Failures.ReportAsync(() => Task.FromResult(Run(result.GetValue(files)!, result.GetValue(days) ?? 0, result.GetValue(json))), ErrorOutput.OfResults(result.GetValue(json))));
        return command;
    }

    private static int Run(string[] files, int days, bool json)
    {
        bool isExpired = false;
        foreach (string file in files)
        {
            X509Certificate2Collection certificates = CertificateReader.Named(file, () => Read(file));
            if (certificates.Count == 0)
            {
                throw new IOException($"{file} contains no certificate.");
            }

            foreach (X509Certificate2 certificate in certificates)
            {
                using (certificate)
                {
                    isExpired |= CertificateText.DaysLeft(certificate) < days;
                    Print(file, certificate, json);
                }
            }
        }

        return isExpired ? ExitCodes.Failure : ExitCodes.Success;
    }

    private static void Print(string file, X509Certificate2 certificate, bool json)
    {
        if (!json)
        {
            CertificateText.Write(certificate, file);
            return;
        }

        Console.WriteLine(JsonLine.Of(
            ("file", file),
            ("subject", certificate.Subject),
            ("issuer", certificate.Issuer),
            ("names", CertificateText.Names(certificate)),
            ("notBefore", CertificateText.Time(certificate.NotBefore)),
            ("notAfter", CertificateText.Time(certificate.NotAfter)),
            ("daysLeft", CertificateText.DaysLeft(certificate)),
            ("hasPrivateKey", certificate.HasPrivateKey),
            ("sha256", certificate.GetCertHashString(HashAlgorithmName.SHA256))));
    }

    private static X509Certificate2Collection Read(string file)
    {
        byte[] bytes = CertificateReader.ReadBytes(file);
        if (CertificateFiles.IsPfx(file))
        {
            return X509CertificateLoader.LoadPkcs12Collection(bytes, password: null);
        }

        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(CertificateInput.TextOf(bytes));
        if (certificates.Count == 0 && IsBinary(bytes))
        {
            certificates.Add(X509CertificateLoader.LoadCertificate(bytes));
        }

        return certificates;
    }

    // Text without a certificate is no certificate in binary form, and asking for its type throws.
    private static bool IsBinary(byte[] bytes)
    {
        try
        {
            return X509Certificate2.GetCertContentType(bytes) == X509ContentType.Cert;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
