using Cluster.Node;
using Cluster.Run;
using Microsoft.Extensions.Hosting;

// Cluster [node --OPTION VALUE …]          a node; see NodeOptions
// Cluster run [--OPTION VALUE …]           three nodes, HAProxy, Redis and clients; see RunOptions
switch (args)
{
    case ["run", .. string[] rest]:
        return await ClusterRun.RunAsync(rest);
    case ["node", .. string[] rest]:
        await NodeHost.Create(rest).RunAsync();
        return 0;
    default:
        await NodeHost.Create(args).RunAsync();
        return 0;
}
