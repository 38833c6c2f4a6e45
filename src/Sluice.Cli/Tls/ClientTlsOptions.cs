using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Text;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Tls;

/// <summary>Defines the options of TLS clients.</summary>
/// <param name="prefix">What the names of the options of the certificate begin with.</param>
internal sealed class ClientTlsOptions(string prefix = "--")
{
    private readonly Option<bool> _tls = new("--tls") { Description = "Use TLS, as tls:// does, and check the server's certificate." };
    private readonly Option<string?> _authority = CommonOptions.File("--ca", "Trust the authorities in this PEM file instead of the system's.");
    private readonly Option<bool> _insecure = new("--insecure") { Description = "Accept any certificate." };
    private readonly Option<string?> _name = new("--servername") { Description = "Name to send (SNI), which the certificate must match (default: the host).", HelpName = "NAME", CustomParser = ParseName };
    private readonly Option<string[]> _protocols = new("--alpn")
    {
        Description = "Application protocols to offer, such as h2 or h2,http/1.1.",
        HelpName = "PROTOCOL",
        AllowMultipleArgumentsPerToken = false,
        CustomParser = ParseProtocols,
    };

    private readonly Option<string?> _certificate = CommonOptions.File($"{prefix}cert", "Client certificate: PEM file with its chain, or PFX file that includes the key.");
    private readonly Option<string?> _key = CommonOptions.File($"{prefix}key", $"With {prefix}cert: PEM file with the private key, if it is separate.");
    private readonly Option<StartTls> _startTls = CommonOptions.OneOf<StartTls>(
        "--starttls", "Begin in plain text, and upgrade to TLS with the command of this protocol. It implies --tls.", "protocol");

    /// <summary>Gets the options that only make sense with TLS.</summary>
    public IReadOnlyList<Option> Dependent => [_authority, _insecure, _name, _protocols, _certificate];

    public void AddTo(Command command, bool withSwitch = true)
    {
        Option[] options = withSwitch
            ? [_tls, _authority, _insecure, _name, _protocols, _certificate, _key, _startTls]
            : [_authority, _insecure, _name, _protocols, _certificate, _key, _startTls];
        foreach (Option option in options)
        {
            command.Add(option);
        }

        CommonOptions.Need(command, _key, _certificate);
        CommonOptions.Exclude(command, _insecure, _authority);
    }

    /// <summary>Gets whether the command line asks for TLS, whatever the end point is.</summary>
    public bool IsWanted(ParseResult result) => result.GetValue(_tls) || result.GetValue(_startTls) != StartTls.None;

    public ClientTls Read(ParseResult result) => new()
    {
        ServerName = result.GetValue(_name),
        AuthorityFile = result.GetValue(_authority),
        Insecure = result.GetValue(_insecure),
        CertificateFile = result.GetValue(_certificate),
        KeyFile = result.GetValue(_key),
        Protocols = result.GetValue(_protocols) ?? [],
        StartTls = result.GetValue(_startTls),
    };

    /// <summary>Makes the options of TLS an error where neither an option nor the end point asks for TLS, or where it cannot have it.</summary>
    public void NeedTls(Command command, Argument address) =>
        NeedTls(command, result => AddressArgument.Given(result, address, AddressRole.Connect), "--tls, or an end point");

    /// <summary>Makes the options of TLS an error where neither an option nor one of the end points asks for TLS, or where the end point cannot have it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="ends">Gets the end points.</param>
    /// <param name="needed">What the error says is missing.</param>
    public void NeedTls(Command command, Func<CommandResult, IEnumerable<Address>> ends, string needed)
    {
        OptionKinds.Need(command, ends, AddressKind.Streams, _tls, _startTls);
        command.Validators.Add(result =>
        {
            if (!IsGiven(result) && Dependent.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } option
                && !ends(result).Any(end => end.Kind == AddressKind.Tls))
            {
                result.AddError($"{option.Name} needs {needed} that begins with tls://.");
            }
        });
    }

    private static string? ParseName(ArgumentResult result)
    {
        string name = result.Tokens[0].Value;
        try
        {
            _ = IPAddress.TryParse(name, out _) ? name : new IdnMapping().GetAscii(name);
        }
        catch (ArgumentException)
        {
            result.AddError($"'{name}' is no name of a server.");
        }

        return name;
    }

    // With commas between them, as OpenSSL has them. A name has 1 to 255 bytes (RFC 7301, 3.1).
    private static string[] ParseProtocols(ArgumentResult result)
    {
        string[] protocols = [.. result.Tokens.SelectMany(token => token.Value.Split(','))];
        if (Array.Find(protocols, protocol => Encoding.UTF8.GetByteCount(protocol) is 0 or > 255) is { } wrong)
        {
            result.AddError($"'{wrong}' is not an application protocol; write --alpn h2, or --alpn h2,http/1.1.");
        }

        return protocols;
    }

    private bool IsGiven(CommandResult result) => result.GetResult(_tls) is { Implicit: false } || result.GetResult(_startTls) is { Implicit: false };
}
