using Microsoft.Extensions.Hosting;

namespace Sluice.Snippets;

public static class OrleansSnippets
{
    public static void Silo(string[] args)
    {
        // <orleans-silo>
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering()
            .UseSluice());                                              // nothing else changes
        // </orleans-silo>
    }

    public static void Client(string[] args)
    {
        // <orleans-client>
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
        builder.UseOrleansClient(client => client.UseLocalhostClustering().UseSluice());
        // </orleans-client>
    }

    public static void Options(ISiloBuilder silo)
    {
        // <orleans-options>
        silo.UseSluice(options =>
        {
            options.ConfigureSelector = selector => selector.LoopCount = 2;
            options.ConfigureTcp = tcp => tcp.Accepted.KeepAliveTime = TimeSpan.FromSeconds(20);    // from silos and clients
            options.ConfigureConnect = connect => connect.ConnectTimeout = TimeSpan.FromSeconds(2); // to silos
        });
        // </orleans-options>
    }
}
