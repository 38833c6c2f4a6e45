using Sluice.Cli.Bench;
using Sluice.Cli.Certificates;
using Sluice.Cli.Check;
using Sluice.Cli.Connect;
using Sluice.Cli.Echo;
using Sluice.Cli.Listen;
using Sluice.Cli.Recording;
using Sluice.Cli.Relay;
using Sluice.Cli.Tls;
using Sluice.Cli.Top;
using Sluice.Cli.Udp;

namespace Sluice.Cli.Shell;

/// <summary>Lists the commands.</summary>
internal static class Commands
{
    public static IReadOnlyList<CommandEntry> All { get; } =
    [
        new("connect", ConnectCommand.Create),
        new("check", CheckCommand.Create),
        new("tls", TlsCommand.Create),
        new("listen", ListenCommand.Create),
        new("relay", RelayCommand.Create, TakesFile: true),
        new("replay", ReplayCommand.Create),
        new("udp", UdpCommand.Create),
        new("echo", EchoCommand.Create),
        new("bench", BenchCommand.Create),
        new("top", TopCommand.Create),
        new("cert", CertificateCommand.Create),
        new("completion", CompletionCommand.Create),
        new("help", HelpCommand.Create),
    ];
}
