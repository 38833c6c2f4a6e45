using Sluice.Cli.Bench;
using Sluice.Cli.Certificates;
using Sluice.Cli.Connect;
using Sluice.Cli.Echo;

namespace Sluice.Cli.Shell;

/// <summary>Lists the commands.</summary>
internal static class Commands
{
    public static IReadOnlyList<CommandEntry> All { get; } =
    [
        new("connect", ConnectCommand.Create),
        new("echo", EchoCommand.Create),
        new("bench", BenchCommand.Create),
        new("cert", CertificateCommand.Create),
    ];
}
