using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Cli.Certificates;

/// <summary>Runs <c>sluice cert</c>.</summary>
internal sealed class CertificateWriter(string folder, string[] names, string client, int? days, bool rsa, bool pfx, bool force, bool json)
{
    private readonly CertificateFileSet _files = new(folder, json);

    public int Run()
    {
        string[] kinds = ["ca", "server", "client"];
        IEnumerable<string> paths = kinds.SelectMany(name => new[] { _files.PathOf(name, "pem"), _files.PathOf(name, "key") });
        if (pfx)
        {
            paths = paths.Concat([_files.PathOf("server", "pfx"), _files.PathOf("client", "pfx")]);
        }

        if (!force && paths.FirstOrDefault(File.Exists) is { } there)
        {
            throw new IOException($"{there} already exists; use --force to overwrite it.");
        }

        // With --force, it would not be overwritten.
        if (paths.FirstOrDefault(Directory.Exists) is { } other)
        {
            throw new IOException($"{other} is a folder.");
        }

        if (File.Exists(folder))
        {
            throw new IOException($"{folder} is a file, not a folder.");
        }

        Directory.CreateDirectory(folder);
        var options = new DevelopmentCertificateOptions { Key = rsa ? DevelopmentKey.Rsa2048 : DevelopmentKey.EcdsaP256 };
        if (days is { } count)
        {
            options.NotAfter = TimeProvider.System.GetUtcNow().AddDays(count);
        }

        using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority(options: options);
        using X509Certificate2 serverOne = DevelopmentCertificates.CreateServer(authority, names, options);
        using X509Certificate2 clientOne = DevelopmentCertificates.CreateClient(authority, client, options);
        _files.Write("ca", authority, withPfx: false);
        _files.Write("server", serverOne, pfx);
        _files.Write("client", clientOne, pfx);
        return ExitCodes.Success;
    }
}
