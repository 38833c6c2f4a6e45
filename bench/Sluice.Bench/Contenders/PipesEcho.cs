using System.IO.Pipelines;
using System.Net.Sockets;

namespace Sluice.Bench.Contenders;

/// <summary>Pipelines over a <see cref="NetworkStream"/>.</summary>
internal static class PipesEcho
{
    public static Task RunAsync(EchoMode mode, Action<int> listening) => SocketListener.RunAsync(listening, async socket =>
    {
        await using var stream = new NetworkStream(socket);
        await PipeEcho.RunAsync(PipeReader.Create(stream), PipeWriter.Create(stream), mode, flushEachLine: false);
    });
}
