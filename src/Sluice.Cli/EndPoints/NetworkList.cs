using System.CommandLine;
using System.Net;

namespace Sluice.Cli.EndPoints;

/// <summary>Defines <c>--accept-proxy</c>, the networks whose connections begin with a PROXY header.</summary>
internal static class NetworkList
{
    public static Option<IPNetwork[]> Create() => new("--accept-proxy")
    {
        Description = "Read a PROXY header, version 1 or 2, at the start of each connection. Only this network may connect, such as 10.0.0.0/8 or 127.0.0.1/32; several can be given.",
        HelpName = "NETWORK",
        CustomParser = result =>
        {
            var networks = new List<IPNetwork>();
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                if (IPNetwork.TryParse(text, out IPNetwork network))
                {
                    networks.Add(network);
                }
                else
                {
                    result.AddError($"'{text}' is not a network; write ADDRESS/BITS, such as 10.0.0.0/8.");
                }
            }

            return [.. networks];
        },
    };
}
