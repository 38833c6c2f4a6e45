using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Connect;

/// <summary>Says on standard error what a link is connected to.</summary>
internal static class LinkDescription
{
    public static void Write(Link link, TimeSpan elapsed)
    {
        string ends = link.Connection is { } connection ? $"{connection.RemoteEndPoint} from {connection.LocalEndPoint}" : link.Name;
        Console.Error.WriteLine($"Connected to {ends} in {Quantity.Milliseconds(elapsed)}");
        if (link.Connection?.Tls is { RemoteCertificate: { } certificate } session)
        {
            Console.Error.WriteLine($"Server name {session.ServerName}, certificate issued by {certificate.Issuer}, valid until {certificate.NotAfter.ToUniversalTime():u}");
        }
    }
}
