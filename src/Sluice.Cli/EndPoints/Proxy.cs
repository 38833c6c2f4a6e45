using System.CommandLine;
using System.Net;

namespace Sluice.Cli.EndPoints;

/// <summary>A proxy of <c>--via</c>.</summary>
/// <param name="IsSocks">Whether it speaks SOCKS5; otherwise HTTP CONNECT.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Credentials">Its user and password; null for none.</param>
internal sealed record Proxy(bool IsSocks, Address Address, NetworkCredential? Credentials)
{
    /// <summary>Creates the option, which can be given several times for a chain.</summary>
    public static Option<Proxy[]> Option() => new("--via")
    {
        Description = "Connect through this proxy: socks5://[USER:PASSWORD@]HOST:PORT or http://[USER:PASSWORD@]HOST:PORT. Several make a chain.",
        HelpName = "PROXY",
        CustomParser = result =>
        {
            var proxies = new List<Proxy>();
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                if (Parse(text, out string? error) is { } proxy)
                {
                    proxies.Add(proxy);
                }
                else
                {
                    result.AddError(error!);
                }
            }

            return [.. proxies];
        },
    };

    /// <summary>Connects to a target through a chain of proxies.</summary>
    public static ValueTask<StreamSocket> ConnectAsync(
        TcpSocketBuilder tcp, IReadOnlyList<Proxy> chain, Address target, Action<StreamSocketOptions> configure, CancellationToken cancellationToken)
    {
        ProxyConnector? connector = null;
        foreach (Proxy proxy in chain)
        {
            EndPoint at = IPAddress.TryParse(proxy.Address.Host, out IPAddress? literal)
                ? new IPEndPoint(literal, proxy.Address.Number)
                : new DnsEndPoint(proxy.Address.Host, proxy.Address.Number);
            connector = (connector, proxy.IsSocks) switch
            {
                (null, true) => tcp.ViaSocks5(at, proxy.Credentials),
                (null, false) => tcp.ViaHttpConnect(at, proxy.Credentials),
                (_, true) => connector.ViaSocks5(at, proxy.Credentials),
                _ => connector.ViaHttpConnect(at, proxy.Credentials),
            };
        }

        return connector!.ConnectAsync(target.Host, target.Number, configure, cancellationToken);
    }

    private static Proxy? Parse(string text, out string? error)
    {
        bool isSocks = text.StartsWith("socks5://", StringComparison.OrdinalIgnoreCase);
        if (!isSocks && !text.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            error = $"'{text}' is not a proxy; write socks5://HOST:PORT or http://HOST:PORT.";
            return null;
        }

        string rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..].TrimEnd('/');
        int at = rest.LastIndexOf('@');
        string[] user = at < 0 ? [] : rest[..at].Split(':', 2);
        NetworkCredential? credentials = at < 0 ? null : new(Uri.UnescapeDataString(user[0]), user.Length > 1 ? Uri.UnescapeDataString(user[1]) : string.Empty);
        return AddressArgument.TryParse(rest[(at + 1)..], AddressRole.Connect, AddressKind.Tcp, out error) is { } address
            ? new Proxy(isSocks, address, credentials)
            : null;
    }
}
