using Pipelines.Sockets.Unofficial;

namespace Sluice.Bench.Contenders;

/// <summary>A server on Pipelines.Sockets.Unofficial, the library that StackExchange.Redis uses.</summary>
internal static class PipelinesSocketsServer
{
    public static Task RunAsync(ServerMode mode, Action<int> listening) => SocketListener.RunAsync(listening, async socket =>
    {
        using var connection = SocketConnection.Create(socket);
        await PipeServer.RunAsync(connection.Input, connection.Output, mode, work: null, flushEachLine: false);
    });
}
