using Pipelines.Sockets.Unofficial;

namespace Sluice.Bench.Contenders;

/// <summary>The pipes of Pipelines.Sockets.Unofficial, which StackExchange.Redis is made on.</summary>
internal static class PipelinesSocketsEcho
{
    public static Task RunAsync(EchoMode mode, Action<int> listening) => SocketListener.RunAsync(listening, async socket =>
    {
        using var connection = SocketConnection.Create(socket);
        await PipeEcho.RunAsync(connection.Input, connection.Output, mode, flushEachLine: false);
    });
}
