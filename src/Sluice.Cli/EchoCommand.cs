using System.CommandLine;

namespace Sluice.Cli;

/// <summary><c>sluice echo</c>: its options.</summary>
internal static class EchoCommand
{
    private const int SecondsInADay = 24 * 60 * 60;

    public static Command Create()
    {
        var address = new Argument<HostAndPort?>("HOST:PORT")
        {
            Description = "Where to listen; port 0 picks a free one.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = HostAndPort.ParseListener,
            DefaultValueFactory = _ => new HostAndPort("127.0.0.1", 2323),
        };
        Option<SelectorEngine> engine = CommonOptions.Engine();
        Option<int?> loops = CommonOptions.Positive("--loops", "How many event loops; as many as processors unless given.", "N", most: 1024);
        var raw = new Option<bool>("--raw") { Description = "Echo bytes as they come, not lines." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Print no line for each connection." };
        Option<int?> maxLine = CommonOptions.Positive(
            "--max-line", $"Close a connection whose line is longer; {LineReadOptions.DefaultMaxLength} unless given.", "BYTES");
        Option<int?> maxConnections = CommonOptions.Positive("--max-connections", "Serve at most so many at once; the next ones wait.", "N");
        Option<int?> idleTimeout = CommonOptions.Positive(
            "--idle-timeout", "Close a connection on which nothing comes for so long.", "SECONDS", SecondsInADay);
        Option<int?> grace = CommonOptions.Positive(
            "--grace",
            $"How long after a signal what is in work may take; {ServeOptions.DefaultGrace.TotalSeconds} unless given. A second signal ends it.",
            "SECONDS",
            SecondsInADay);
        var tls = new Option<bool>("--tls") { Description = "Speak TLS, with a certificate to throw away unless one is given." };
        Option<string?> certificate = CommonOptions.File("--cert", "With --tls: the certificate and its chain, PEM; or PFX with the key. Renewed when the file changes.");
        Option<string?> key = CommonOptions.File("--key", "With --cert: the private key, PEM, if it is in another file.");

        var command = new Command("echo", "Echo what clients send: each line with CR LF, or with --raw each byte. Ctrl-C or SIGTERM drains and exits with 0.")
        {
            address, engine, loops, raw, quiet, maxLine, maxConnections, idleTimeout, grace, tls, certificate, key,
        };
        CommonOptions.Need(command, certificate, tls);
        CommonOptions.Need(command, key, certificate);
        command.SetAction((result, _) => Failures.ReportAsync(() => new EchoServer(new EchoSettings(
            result.GetValue(address)!.Value,
            result.GetValue(engine),
            result.GetValue(loops),
            result.GetValue(raw),
            result.GetValue(quiet),
            result.GetValue(maxLine),
            result.GetValue(maxConnections),
            result.GetValue(idleTimeout),
            result.GetValue(grace),
            result.GetValue(tls) ? new EchoTls(result.GetValue(certificate), result.GetValue(key)) : null)).RunAsync()));
        return command;
    }
}
