using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.EndPoints;

/// <summary>Parses the one notation of end points that all commands share.</summary>
internal static class AddressParser
{
    private const string Schemes = "tcp://, tls://, udp://, unix:, fd: or exec:";

    /// <summary>Parses an end point.</summary>
    /// <param name="text">The text of the command line.</param>
    /// <param name="role">How the command uses the end point.</param>
    /// <param name="address">The end point.</param>
    /// <param name="error">One sentence that says what is wrong.</param>
    public static bool TryParse(string text, AddressRole role, [NotNullWhen(true)] out Address? address, [NotNullWhen(false)] out string? error)
    {
        (address, error) = Parse(text, role);
        return address is not null;
    }

    private static (Address? Address, string? Error) Parse(string text, AddressRole role)
    {
        if (text == "-")
        {
            return (new Address(AddressKind.Standard, string.Empty), null);
        }

        if (text.StartsWith('-'))
        {
            // The parser of the command line takes an unknown option for an end point.
            return (null, $"There is no option '{text}'.");
        }

        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            return ParseUrl(text, text[..scheme], text[(scheme + 3)..], role);
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string rest = text[(colon + 1)..];
        return text[..Math.Max(colon, 0)].ToUpperInvariant() switch
        {
            "UNIX" => ParseUnix(text, rest),
            "FD" => ParseDescriptor(text, rest),
            "EXEC" => ParseCommand(text, rest),
            _ => ParseHostAndPort(AddressKind.Tcp, text, text, role),
        };
    }

    private static (Address? Address, string? Error) ParseUrl(string text, string scheme, string rest, AddressRole role) => scheme.ToUpperInvariant() switch
    {
        "TCP" => ParseHostAndPort(AddressKind.Tcp, text, rest, role),
        "TLS" => ParseHostAndPort(AddressKind.Tls, text, rest, role),
        "UDP" => ParseHostAndPort(AddressKind.Udp, text, rest, role),
        "UNIX" => ParseUnix(text, rest),
        _ => (null, $"'{text}' begins with '{scheme}://', which is not a kind of end point; use {Schemes}."),
    };

    private static (Address? Address, string? Error) ParseUnix(string text, string path)
    {
        if (path is "" or "@")
        {
            return (null, $"'{text}' has no path; write unix:/path or unix:@name.");
        }

        string name = path.StartsWith('@') ? $"\0{path[1..]}" : path;
        return IsSocketPath(name) ? (new Address(AddressKind.Unix, name), null) : (null, $"'{text}' has a path that is too long for a socket.");
    }

    private static bool IsSocketPath(string path)
    {
        try
        {
            _ = new UnixDomainSocketEndPoint(path);
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    private static (Address? Address, string? Error) ParseDescriptor(string text, string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor)
            ? (new Address(AddressKind.Descriptor, string.Empty, descriptor), null)
            : (null, $"'{text}' does not name a descriptor by its number; write fd:3.");

    private static (Address? Address, string? Error) ParseCommand(string text, string command) =>
        string.IsNullOrWhiteSpace(command)
            ? (null, $"'{text}' has no command; write 'exec:COMMAND'.")
            : (new Address(AddressKind.Command, command), null);

    private static (Address? Address, string? Error) ParseHostAndPort(AddressKind kind, string text, string rest, AddressRole role)
    {
        int colon = rest.LastIndexOf(':');
        string host = colon < 0 ? string.Empty : rest[..colon];
        string port = rest[(colon + 1)..];
        if (rest.StartsWith('[') && rest.EndsWith(']'))
        {
            return (null, $"'{text}' has no port; write {rest}:PORT.");
        }

        if (host.Contains(':') && !host.StartsWith('['))
        {
            return (null, IPAddress.TryParse(rest, out _)
                ? $"'{text}' has no port, or no brackets around the IPv6 address; write [ADDRESS]:PORT."
                : $"'{text}' has more than one colon; write an IPv6 address in brackets: [ADDRESS]:PORT.");
        }

        if (host.StartsWith('[') || host.EndsWith(']'))
        {
            if (!host.StartsWith('[') || !host.EndsWith(']') || !IPAddress.TryParse(host[1..^1], out _))
            {
                return (null, $"'{text}' has no IPv6 address in the brackets.");
            }

            host = host[1..^1];
        }

        if ((PortError(text, port, isAlone: colon < 0, role) ?? HostError(text, host, role)) is { } error)
        {
            return (null, error);
        }

        string ifNone = role == AddressRole.Listen ? Address.AnyHost : Address.ThisHost;
        return (new Address(kind, host.Length > 0 ? host : ifNone, NumberOf(port)!.Value), null);
    }

    private static string? HostError(string text, string host, AddressRole role) =>
        host.Contains('/') || host.Contains(' ') ? $"'{text}' has no valid host." : ZoneError(text, host, role);

    // A link-local address means something only with a network interface (RFC 4007, 6), and an interface that there is not is taken for none.
    private static string? ZoneError(string text, string host, AddressRole role)
    {
        if (!host.Contains(':') || !IPAddress.TryParse(host, out IPAddress? address) || address.ScopeId != 0)
        {
            return null;
        }

        int at = host.IndexOf('%', StringComparison.Ordinal);
        if (at >= 0 && host[(at + 1)..] != "0")
        {
            return $"'{text}': there is no network interface '{host[(at + 1)..]}'.";
        }

        return address.IsIPv6LinkLocal && role == AddressRole.Connect ? $"'{text}' needs its network interface: write [{address}%INTERFACE]:PORT." : null;
    }

    private static string? PortError(string text, string port, bool isAlone, AddressRole role) => NumberOf(port) switch
    {
        0 when role == AddressRole.Connect => $"'{text}' has port 0, which means any free port; only a listener can have it.",
        <= IPEndPoint.MaxPort => null,
        _ when text.Length == 0 => "The end point is empty; write HOST:PORT.",
        _ when port.Length == 0 => $"'{text}' has no port; write HOST:PORT.",
        null when isAlone && !port.Contains('/') && !string.IsNullOrWhiteSpace(port) => $"'{text}' has no port; write {port}:PORT.",
        _ => $"'{text}' has no valid port: '{port}' is not a number from 0 to {IPEndPoint.MaxPort}.",
    };

    private static int? NumberOf(string port) => int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
