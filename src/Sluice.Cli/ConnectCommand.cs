using System.CommandLine;

namespace Sluice.Cli;

/// <summary>Defines <c>sluice connect</c> and its options.</summary>
internal static class ConnectCommand
{
    public static Command Create()
    {
        var address = new Argument<HostAndPort?>("HOST:PORT")
        {
            Description = "Address of the server.",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = HostAndPort.ParseTarget,
        };
        Option<SelectorEngine> engine = CommonOptions.Engine();
        var lineFeed = new Option<bool>("--lf") { Description = "End typed lines with LF instead of CR LF." };
        var carriageReturn = new Option<bool>("--crlf") { Description = "Send piped input as lines that end with CR LF, not as it is." };
        var tls = new Option<bool>("--tls") { Description = "Use TLS, and check the server's certificate." };
        Option<string?> authority = CommonOptions.File("--ca", "With --tls: trust the authorities in this PEM file instead of the system's.");
        var insecure = new Option<bool>("--insecure") { Description = "With --tls: accept any certificate." };
        var name = new Option<string?>("--servername") { Description = "With --tls: name that the certificate must match (default: HOST).", HelpName = "NAME" };
        Option<StartTls> startTls = StartTlsOption();
        var command = new Command(
            "connect",
            "Send the lines you type, or the bytes you pipe in, and print what the server sends. At the end of the input, half-close and wait for the server to close.")
        {
            address, engine, lineFeed, carriageReturn, tls, authority, insecure, name, startTls,
        };
        foreach (Option option in (Option[])[authority, insecure, name, startTls])
        {
            CommonOptions.Need(command, option, tls);
        }

        command.SetAction((result, _) => Failures.ReportAsync(() => new InteractiveClient(
            result.GetValue(address)!.Value,
            result.GetValue(engine),
            newLine: result.GetValue(lineFeed) ? "\n" : "\r\n",
            asLines: result.GetValue(carriageReturn) || !Console.IsInputRedirected,
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
        Description = "With --tls: upgrade with the STARTTLS command of this protocol.",
        HelpName = "smtp|imap|none",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (Enum.TryParse(text, ignoreCase: true, out StartTls kind) && !char.IsAsciiDigit(text[0]))
            {
                return kind;
            }

            result.AddError($"There is no protocol '{text}'; use smtp, imap or none.");
            return default;
        },
    };
}
