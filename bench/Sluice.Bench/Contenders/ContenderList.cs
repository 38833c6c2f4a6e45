using Sluice.Bench.Running;

namespace Sluice.Bench.Contenders;

/// <summary>Who is compared; the first is what the ratios are to.</summary>
internal static class ContenderList
{
    public static IReadOnlyList<Contender> Create() =>
    [
        new() { Name = "sluice-epoll", Description = "sluice echo --engine epoll", Program = mode => SluiceEcho("epoll", mode) },
        new() { Name = "sluice-portable", Description = "sluice echo --engine portable", Program = mode => SluiceEcho("portable", mode) },
        new() { Name = "sluice-pool", Description = "Sluice, epoll, with ContinuationScheduling.ThreadPool", RunAsync = SluicePoolEcho.RunAsync },
        new() { Name = "sockets", Description = "Socket.ReceiveAsync/SendAsync, one send a receive", RunAsync = SocketsEcho.RunAsync },
        new()
        {
            Name = "sockets-inline",
            Description = "the same with DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1",
            RunAsync = SocketsEcho.RunAsync,
            Variables = new Dictionary<string, string> { ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1" },
        },
        new() { Name = "streams", Description = "NetworkStream; lines by StreamReader and StreamWriter with AutoFlush", RunAsync = StreamsEcho.RunAsync },
        new() { Name = "pipes", Description = "PipeReader/PipeWriter.Create(NetworkStream), a flush a read", RunAsync = PipesEcho.RunAsync },
        new() { Name = "kestrel", Description = "Kestrel's ConnectionContext, a flush a line", RunAsync = KestrelEcho.RunAsync },
        new() { Name = "kestrel-batch", Description = "the same with a flush a read", RunAsync = KestrelEcho.RunBatchedAsync, Only = EchoMode.Lines },
        new() { Name = "pipelines-sockets", Description = "Pipelines.Sockets.Unofficial, a flush a read", RunAsync = PipelinesSocketsEcho.RunAsync },
        new() { Name = "dotnetty", Description = "DotNetty, a flush a read", RunAsync = DotNettyEcho.RunAsync },
        new() { Name = "c-epoll", Description = "C on epoll, one thread, one send a receive", Program = PeerPrograms.CEpoll.Command },
        new() { Name = "libuv", Description = "C on libuv, one thread, one send a receive", Program = PeerPrograms.LibUv.Command },
        new() { Name = "tokio", Description = "Rust on Tokio; lines flushed when nothing more has come", Program = PeerPrograms.Tokio.Command },
        new() { Name = "go", Description = "Go's net; lines flushed when nothing more has come", Program = PeerPrograms.Go.Command },
        new() { Name = "netty", Description = "Java on Netty's NIO, a flush a read", Program = PeerPrograms.Netty.Command },
    ];

    // As a user runs it: as many loops as it has processors.
    private static string[] SluiceEcho(string engine, EchoMode mode)
    {
        string[] command = Commands.Sluice("echo", "127.0.0.1:0", "--quiet", "--engine", engine);
        return mode == EchoMode.Raw ? [.. command, "--raw"] : command;
    }
}
