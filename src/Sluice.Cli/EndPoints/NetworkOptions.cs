using System.CommandLine;
using System.Net.Sockets;

namespace Sluice.Cli.EndPoints;

/// <summary>Defines the options that choose how sockets are run: the engine and the address family.</summary>
internal sealed class NetworkOptions
{
    private readonly Option<SelectorEngine> _engine = CommonOptions.Engine();
    private readonly Option<bool> _four = new("-4") { Description = "Use IPv4 only." };
    private readonly Option<bool> _six = new("-6") { Description = "Use IPv6 only." };

    public void AddTo(Command command)
    {
        command.Add(_four);
        command.Add(_six);
        command.Add(_engine);
        CommonOptions.Exclude(command, _four, _six);
    }

    public Network Read(ParseResult result) => new(
        result.GetValue(_engine),
        (result.GetValue(_four), result.GetValue(_six)) switch
        {
            (true, _) => AddressFamily.InterNetwork,
            (_, true) => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unspecified,
        });
}
