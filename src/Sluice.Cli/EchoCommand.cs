using System.CommandLine;

namespace Sluice.Cli;

/// <summary>Defines <c>sluice echo</c> and its options.</summary>
internal static class EchoCommand
{
    private const int SecondsInADay = 24 * 60 * 60;

    public static Command Create()
    {
        var address = new Argument<HostAndPort?>("HOST:PORT")
        {
            Description = "Address to listen at; port 0 picks a free port.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = HostAndPort.ParseListener,
            DefaultValueFactory = _ => new HostAndPort("127.0.0.1", 2323),
        };
        Option<SelectorEngine> engine = CommonOptions.Engine();
        Option<int?> loops = CommonOptions.Positive("--loops", "Number of event loops (default: number of processors).", "N", most: 1024);
        var raw = new Option<bool>("--raw") { Description = "Echo bytes as they arrive, instead of lines." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Do not print a line per connection." };
        Option<int?> maxLine = CommonOptions.Positive(
            "--max-line", $"Close a connection that sends a longer line (default: {LineReadOptions.DefaultMaxLength}).", "BYTES");
        Option<int?> maxConnections = CommonOptions.Positive("--max-connections", "Serve at most N connections at once; further clients wait in the backlog.", "N");
        Option<int?> idleTimeout = CommonOptions.Positive(
            "--idle-timeout", "Close a connection that is idle for this many seconds.", "SECONDS", SecondsInADay);
        Option<int?> grace = CommonOptions.Positive(
            "--grace",
            $"After a signal, let requests in progress finish for up to this many seconds (default: {ServeOptions.DefaultGrace.TotalSeconds}). A second signal ends the wait.",
            "SECONDS",
            SecondsInADay);
        var tls = new Option<bool>("--tls") { Description = "Use TLS, with a throwaway certificate unless --cert is given." };
        Option<string?> certificate = CommonOptions.File("--cert", "With --tls: PEM file with the certificate and its chain, or PFX file that includes the key. Reloaded when it changes.");
        Option<string?> key = CommonOptions.File("--key", "With --cert: PEM file with the private key, if it is separate.");

        var command = new Command("echo", "Run an echo server. It sends back each line, ended by CR LF, or with --raw each byte. Ctrl-C or SIGTERM stops it gracefully.")
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
