using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Sluice.Cli.Output;
using Sluice.Cli.Shell;

namespace Sluice.Cli.Certificates;

/// <summary>Defines <c>sluice cert</c> and its options.</summary>
internal static class CertificateCommand
{
    private const int MostDays = 3650;

    // The upper bound of X.520 for the common name.
    private const int MostOfCommonName = 64;

    public static Command Create()
    {
        Command[] subcommands = [InspectCommand.Create(), RenewCommand.Create()];
        var folder = new Argument<string>("FOLDER")
        {
            Description = "Folder for the files: ca, server and client, each as .pem and .key (default: this one).",
            DefaultValueFactory = _ => ".",
        };
        var names = new Option<string[]>("--name")
        {
            Description = "Names and IP addresses of the server certificate (default: localhost, 127.0.0.1 and ::1).",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        var client = new Option<string>("--client") { Description = "Name of the client certificate (default: client).", HelpName = "NAME", DefaultValueFactory = _ => "client" };
        names.Validators.Add(RefuseNames);
        client.Validators.Add(RefuseClient);
        Option<int?> days = CommonOptions.Positive("--days", "Validity in days (default: 90).", "N", MostDays);
        var rsa = new Option<bool>("--rsa") { Description = "Use 2048-bit RSA keys instead of ECDSA P-256." };
        var pfx = new Option<bool>("--pfx") { Description = "Also write server.pfx and client.pfx, without a password." };
        var force = new Option<bool>("--force") { Description = "Overwrite existing files." };
        var json = new Option<bool>("--json") { Description = "Print a line of JSON per certificate." };
        var command = new Command("cert", "Create a certificate authority, a server certificate and a client certificate, for development and tests.")
        {
            folder, names, client, days, rsa, pfx, force, json,
        };
        Array.ForEach(subcommands, command.Add);
        folder.Validators.Add(result => RefuseCommand(result, subcommands.Select(one => one.Name)));
        CommonOptions.NeedPath(folder);
        command.SetAction((result, _) => Failures.ReportAsync(() => Task.FromResult(new CertificateWriter(
            result.GetValue(folder)!,
            result.GetValue(names) ?? [],
            result.GetValue(client)!,
            result.GetValue(days),
            result.GetValue(rsa),
            result.GetValue(pfx),
            result.GetValue(force),
            result.GetValue(json)).Run()), ErrorOutput.OfResults(result.GetValue(json))));
        return command;
    }

    private static void RefuseNames(OptionResult result)
    {
        if (result.Tokens.Select(token => token.Value).FirstOrDefault(name => !IsServerName(name)) is { } wrong)
        {
            result.AddError($"'{wrong}' is no name or IP address of a server.");
        }
    }

    private static void RefuseClient(OptionResult result)
    {
        if (result.Tokens is [{ Value: var name }] && (string.IsNullOrWhiteSpace(name) || name.Any(char.IsControl) || name.Length > MostOfCommonName))
        {
            result.AddError($"--client is a name of 1 to {MostOfCommonName} characters, not '{name}'.");
        }
    }

    // As clients compare it: labels of letters, digits and hyphens, of which the first may stand for any, and in other languages what IDNA makes of them. Names
    // inside of companies have underscores.
    private static bool IsServerName(string name)
    {
        if (IPAddress.TryParse(name, out _))
        {
            return true;
        }

        try
        {
            return new IdnMapping().GetAscii(name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name).All(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_' or '.');
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // A misspelled command would become a folder.
    private static void RefuseCommand(ArgumentResult result, IEnumerable<string> commands)
    {
        string name = result.GetValueOrDefault<string>();
        if (!Directory.Exists(name) && Suggestion.For(name, commands) is { Length: > 0 } suggestion)
        {
            result.AddError($"There is no command 'sluice cert {name}'.{suggestion} A folder of this name is '{Path.Combine(".", name)}'.");
        }
    }
}
