using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.EndPoints;

/// <summary>Defines the options that choose how sockets are run: the engine and the address family.</summary>
internal sealed class NetworkOptions
{
    private readonly Option<SelectorEngine> _engine = CommonOptions.Engine();
    private readonly Option<bool> _four = new("-4") { Description = "Use IPv4 only." };
    private readonly Option<bool> _six = new("-6") { Description = "Use IPv6 only." };

    /// <summary>Adds the options to a command, and makes a family an error where none of its end points has an IP address.</summary>
    public void AddTo(Command command, Func<CommandResult, IEnumerable<Address>> ends)
    {
        AddTo(command);
        command.Validators.Add(result =>
        {
            if (Given(result) is { } family && ends(result).ToList() is [var first, ..] all && !all.Exists(end => end.HasPort))
            {
                result.AddError($"{family.Name} cannot be used with {first}; it is for {AddressArgument.Names(AddressKind.Tcp | AddressKind.Tls | AddressKind.Udp)}.");
            }
        });
    }

    /// <summary>Adds the options to a command, as for its one end point.</summary>
    public void AddTo(Command command, Argument address, AddressRole role) => AddTo(command, result => AddressArgument.Given(result, address, role));

    /// <summary>Makes a family an error where the address of the first proxy is of the other one. The proxy itself chooses the address of the target.</summary>
    public void Need(Command command, Option<Proxy[]> via) => command.Validators.Add(result =>
    {
        if (Given(result) is { } family && result.GetValue(via) is [var proxy, ..]
            && IPAddress.TryParse(proxy.Address.Host, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetwork != (family == _four))
        {
            result.AddError($"{family.Name} is for the way to the proxy, and {proxy.Address} is not an {(family == _four ? "IPv4" : "IPv6")} address.");
        }
    });

    /// <summary>Adds the options to a command whose end points all have an IP address.</summary>
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

    private Option? Given(CommandResult result) => new Option[] { _four, _six }.FirstOrDefault(option => result.GetResult(option) is { Implicit: false });
}
