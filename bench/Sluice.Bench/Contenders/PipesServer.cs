using System.IO.Pipelines;
using System.Net.Sockets;

namespace Sluice.Bench.Contenders;

/// <summary>A server with pipes over a <see cref="NetworkStream"/>.</summary>
internal static class PipesServer
{
    public static Task RunAsync(ServerMode mode, Action<int> listening) => SocketListener.RunAsync(listening, async socket =>
    {
        await using var stream = new NetworkStream(socket);
        await PipeServer.RunAsync(PipeReader.Create(stream), PipeWriter.Create(stream), mode, work: null, flushEachLine: false);
    });
}
