using System.CommandLine;

namespace Sluice.Cli;

/// <summary><c>sluice connect</c>: its options.</summary>
internal static class ConnectCommand
{
    public static Command Create()
    {
        var address = new Argument<HostAndPort?>("HOST:PORT")
        {
            Description = "Where to connect to.",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = HostAndPort.ParseTarget,
        };
        Option<SelectorEngine> engine = CommonOptions.Engine();
        var lineFeed = new Option<bool>("--lf") { Description = "End the lines that are sent with LF instead of CR LF." };
        var tls = new Option<bool>("--tls") { Description = "Speak TLS, and check the server's certificate." };
        Option<string?> authority = CommonOptions.File("--ca", "With --tls: trust these authorities (PEM), and not the system's.");
        var insecure = new Option<bool>("--insecure") { Description = "With --tls: take any certificate, from anybody." };
        var name = new Option<string?>("--servername") { Description = "With --tls: the name that the certificate has to have; HOST unless given.", HelpName = "NAME" };
        Option<StartTls> startTls = StartTlsOption();
        var command = new Command(
            "connect",
            "Send the lines that are typed, or piped in, and print what comes back. At the end of the input, half-close and wait for the server to close.")
        {
            address, engine, lineFeed, tls, authority, insecure, name, startTls,
        };
        foreach (Option option in (Option[])[authority, insecure, name, startTls])
        {
            CommonOptions.Need(command, option, tls);
        }

        command.SetAction((result, _) => Failures.ReportAsync(() => new InteractiveClient(
            result.GetValue(address)!.Value,
            result.GetValue(engine),
            newLine: result.GetValue(lineFeed) ? "\n" : "\r\n",
            result.GetValue(tls)
                ? new ConnectTls(
                    result.GetValue(name) ?? result.GetValue(address)!.Value.Host,
                    result.GetValue(authority),
                    result.GetValue(insecure),
                    result.GetValue(startTls))
                : null).RunAsync()));
        return command;
    }

    private static Option<StartTls> StartTlsOption() => new("--starttls")
    {
        Description = "With --tls: ask for it in the protocol's own words first.",
        HelpName = "smtp|imap|none",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (Enum.TryParse(text, ignoreCase: true, out StartTls kind) && !char.IsAsciiDigit(text[0]))
            {
                return kind;
            }

            result.AddError($"There is no protocol '{text}': it is smtp, imap or none.");
            return default;
        },
    };
}
