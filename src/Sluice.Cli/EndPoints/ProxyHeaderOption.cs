using System.CommandLine;
using System.Net;

namespace Sluice.Cli.EndPoints;

/// <summary>Defines <c>--proxy-header</c>, which sends a PROXY header.</summary>
internal static class ProxyHeaderOption
{
    private const string Form = "v1:SOURCE,DESTINATION, v2:SOURCE,DESTINATION, v1:local or v2:local";

    public static Option<ProxyHeader?> Create() => new("--proxy-header")
    {
        Description = $"Send a PROXY header first, as a proxy does: {Form}. SOURCE and DESTINATION are IP:PORT.",
        HelpName = "HEADER",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            ProxyHeader? header = Parse(text);
            if (header is null)
            {
                result.AddError($"'{text}' is not a PROXY header; write {Form}.");
            }

            return header;
        },
    };

    private static ProxyHeader? Parse(string text)
    {
        ProxyProtocolVersion? version = text switch
        {
            ['v', '1', ':', ..] => ProxyProtocolVersion.V1,
            ['v', '2', ':', ..] => ProxyProtocolVersion.V2,
            _ => null,
        };
        if (version is null)
        {
            return null;
        }

        return text[3..].Split(',') switch
        {
            ["local"] => ProxyHeader.Local(version.Value),
            [var from, var to] when Parse(from, out IPEndPoint? source) && Parse(to, out IPEndPoint? destination) && source!.AddressFamily == destination!.AddressFamily =>
                new ProxyHeader(source, destination, version.Value),
            _ => null,
        };
    }

    private static bool Parse(string text, out IPEndPoint? endPoint) => IPEndPoint.TryParse(text, out endPoint) && endPoint.Port > 0;
}
