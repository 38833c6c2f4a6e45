using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;
using Sluice.Tls;

namespace Sluice.Cli.Certificates;

/// <summary>Defines and runs <c>sluice cert renew</c>.</summary>
internal static class RenewCommand
{
    private const int MostDays = 3650;

    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Folder in which 'sluice cert' has created the files (default: this one).", DefaultValueFactory = _ => "." };
        CommonOptions.NeedPath(folder);
        Option<int?> days = CommonOptions.Positive("--days", "Validity in days (default: 90). It ends with that of the authority.", "N", MostDays);
        var json = new Option<bool>("--json") { Description = "Print a line of JSON per certificate." };
        var command = new Command(
            "renew", "Create new server and client certificates with the names and kinds of keys of the old ones. The authority stays, so those who trust it need nothing new.")
        {
            folder, days, json,
        };
        command.SetAction((result, _) => Failures.ReportAsync(() => Task.FromResult(Run(result.GetValue(folder)!, result.GetValue(days), result.GetValue(json))), ErrorOutput.OfResults(result.GetValue(json))));
        return command;
    }

    private static int Run(string folder, int? days, bool json)
    {
        string file = Path.Combine(folder, "ca.pem");
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"There is no {file}. Name the folder in which 'sluice cert' has created the files.");
        }

        using X509Certificate2 authority = CertificateReader.Named(file, () => X509Certificate2.CreateFromPem(
            CertificateInput.TextOf(CertificateReader.ReadBytes(file)), CertificateInput.TextOf(CertificateReader.ReadBytes(Path.Combine(folder, "ca.key")))));
        DateTimeOffset end = new(authority.NotAfter);
        DateTimeOffset wanted = TimeProvider.System.GetUtcNow().AddDays(days ?? DevelopmentCertificates.DefaultValidity.TotalDays);
        if (end <= TimeProvider.System.GetUtcNow())
        {
            throw new InvalidDataException($"The authority has expired at {CertificateText.Time(authority.NotAfter)}; create a new one with 'sluice cert --force'.");
        }

        DateTimeOffset notAfter = wanted < end ? wanted : end;
        var files = new CertificateFileSet(folder, json);
        if (!Path.Exists(files.PathOf("server", "pem")) && !Path.Exists(files.PathOf("client", "pem")))
        {
            throw new FileNotFoundException($"There is neither {files.PathOf("server", "pem")} nor {files.PathOf("client", "pem")} to renew.");
        }

        Renew(files, folder, "server", notAfter, (old, options) => DevelopmentCertificates.CreateServer(authority, CertificateText.Names(old), options));
        Renew(files, folder, "client", notAfter, (old, options) => DevelopmentCertificates.CreateClient(authority, old.GetNameInfo(X509NameType.SimpleName, forIssuer: false), options));
        return ExitCodes.Success;
    }

    private static void Renew(CertificateFileSet files, string folder, string name, DateTimeOffset notAfter, Func<X509Certificate2, DevelopmentCertificateOptions, X509Certificate2> create)
    {
        string path = Path.Combine(folder, $"{name}.pem");
        if (!Path.Exists(path))
        {
            return;
        }

        using X509Certificate2 old = CertificateReader.Named(path, () => X509CertificateLoader.LoadCertificate(CertificateReader.ReadBytes(path)));
        using RSA? rsa = old.GetRSAPublicKey();
        using X509Certificate2 renewed = create(old, new DevelopmentCertificateOptions
        {
            Key = rsa is null ? DevelopmentKey.EcdsaP256 : DevelopmentKey.Rsa2048,
            NotAfter = notAfter,
        });
        files.Write(name, renewed, withPfx: File.Exists(Path.Combine(folder, $"{name}.pfx")));
    }
}
