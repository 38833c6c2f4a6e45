using System.CommandLine;
using System.CommandLine.Parsing;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Tls;

/// <summary>Defines the options of TLS listeners.</summary>
/// <param name="prefix">What the names of the options begin with.</param>
/// <param name="of">What the descriptions call the listener; empty if the command has no other side.</param>
internal sealed class ServerTlsOptions(string prefix = "--", string of = "")
{
    private readonly Option<bool> _tls = new("--tls") { Description = "Use TLS, as tls:// does, with a throwaway certificate unless --cert is given." };
    private readonly Option<string?> _certificate = CommonOptions.File(
        $"{prefix}cert", $"Certificate{of}: PEM file with its chain, or PFX file that includes the key. Reloaded when it changes (default: a throwaway one).");

    private readonly Option<string?> _key = CommonOptions.File($"{prefix}key", $"With {prefix}cert: PEM file with the private key, if it is separate.");
    private readonly Option<string?> _clients = CommonOptions.File($"{prefix}client-ca", "Require a client certificate that an authority of this PEM file has signed.");

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="listen">Gets where it listens.</param>
    /// <param name="withSwitch">Whether <c>--tls</c> is one of them.</param>
    public void AddTo(Command command, Func<CommandResult, IEnumerable<Address>> listen, bool withSwitch = true)
    {
        if (withSwitch)
        {
            command.Add(_tls);
        }

        command.Add(_certificate);
        command.Add(_key);
        command.Add(_clients);
        CommonOptions.Need(command, _key, _certificate);
        OptionKinds.Need(command, listen, AddressKind.Streams, _tls);
        command.Validators.Add(result =>
        {
            bool isTls = result.GetResult(_tls) is { Implicit: false } || listen(result).Any(end => end.Kind == AddressKind.Tls);
            Option? dependent = new Option[] { _certificate, _clients }.FirstOrDefault(option => result.GetResult(option) is { Implicit: false });
            if (!isTls && dependent is not null)
            {
                result.AddError($"{dependent.Name} needs {(withSwitch ? "--tls, or an end point" : "a LISTEN")} that begins with tls://.");
            }
        });
    }

    public bool IsWanted(ParseResult result) => result.GetValue(_tls);

    public ServerTls Read(ParseResult result) => new(result.GetValue(_certificate), result.GetValue(_key), result.GetValue(_clients));
}
