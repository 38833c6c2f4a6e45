using System.CommandLine;

namespace Sluice.Cli;

/// <summary><c>sluice cert</c>: its options.</summary>
internal static class CertificateCommand
{
    private const int MostDays = 3650;

    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER")
        {
            Description = "Where the files go: ca, server and client, each as .pem and .key.",
            DefaultValueFactory = _ => ".",
        };
        var names = new Option<string[]>("--name")
        {
            Description = "A name or IP address that the server's certificate is for; localhost, 127.0.0.1 and ::1 unless given.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        var client = new Option<string>("--client") { Description = "The client's name.", HelpName = "NAME", DefaultValueFactory = _ => "client" };
        Option<int?> days = CommonOptions.Positive("--days", "How long they are valid; 90 unless given.", "N", MostDays);
        var rsa = new Option<bool>("--rsa") { Description = "RSA keys of 2048 bits instead of ECDSA P-256." };
        var pfx = new Option<bool>("--pfx") { Description = "Write server.pfx and client.pfx, too, without a password." };
        var force = new Option<bool>("--force") { Description = "Replace files that are there." };
        var command = new Command("cert", "Make an authority, and a server's and a client's certificate, for development and tests.")
        {
            folder, names, client, days, rsa, pfx, force,
        };
        command.SetAction((result, _) => Failures.ReportAsync(() => Task.FromResult(new CertificateWriter(
            result.GetValue(folder)!,
            result.GetValue(names) ?? [],
            result.GetValue(client)!,
            result.GetValue(days),
            result.GetValue(rsa),
            result.GetValue(pfx),
            result.GetValue(force)).Run())));
        return command;
    }
}
