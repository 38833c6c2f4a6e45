using Sluice.Bench.Running;

namespace Sluice.Bench.Contenders;

/// <summary>The contenders. Ratios refer to the first one that takes part.</summary>
internal static class ContenderList
{
    public static IReadOnlyList<Contender> Create() => [.. Sluice(), .. DotNet(), .. Others()];

    private static IEnumerable<Contender> Sluice() =>
    [
        new()
        {
            Name = "sluice-epoll",
            Description = "sluice echo --engine epoll",
            Program = mode => SluiceEcho("epoll", mode),
            RunAsync = (mode, listening) => SluiceServer.RunAsync(new SelectorOptions { Engine = SelectorEngine.Epoll }, mode, listening),
            Modes = [.. ContenderModes.EchoAndBulk, ServerMode.Slow, ServerMode.OffLoop, .. ContenderModes.Datagrams, .. ContenderModes.Tls, ServerMode.Broadcast],
        },
        new()
        {
            Name = "sluice-portable",
            Description = "sluice echo --engine portable",
            Program = mode => SluiceEcho("portable", mode),
            RunAsync = (mode, listening) => SluiceServer.RunAsync(new SelectorOptions { Engine = SelectorEngine.Portable }, mode, listening),
            Modes = [.. ContenderModes.EchoAndBulk, ServerMode.Slow, ServerMode.OffLoop, .. ContenderModes.Datagrams, .. ContenderModes.Tls, ServerMode.Broadcast],
        },
        new()
        {
            Name = "sluice-pool",
            Description = "Sluice, epoll, with ContinuationScheduling.ThreadPool",
            RunAsync = (mode, listening) => SluiceServer.RunAsync(
                new SelectorOptions { Engine = SelectorEngine.Epoll, ContinuationScheduling = ContinuationScheduling.ThreadPool }, mode, listening),
            Modes = [.. ContenderModes.Echo, ServerMode.Slow],
        },
        new()
        {
            Name = "sluice-no-spin",
            Description = "Sluice, epoll, with SpinDuration 0",
            RunAsync = (mode, listening) => SluiceServer.RunAsync(
                new SelectorOptions { Engine = SelectorEngine.Epoll, SpinDuration = TimeSpan.Zero }, mode, listening),
            Modes = [.. ContenderModes.Echo, ServerMode.OffLoop],
        },
        new()
        {
            Name = "sluice-flush",
            Description = "Sluice, epoll, with a FlushAsync after each line",
            RunAsync = (mode, listening) => SluiceServer.RunAsync(
                new SelectorOptions { Engine = SelectorEngine.Epoll }, mode, listening, flushesEachLine: true),
            Modes = [ServerMode.Lines],
        },
        new()
        {
            Name = "sluice-outbox",
            Description = "Sluice, epoll, with answers posted to the connection's outbox",
            RunAsync = (mode, listening) => SluiceServer.RunAsync(
                new SelectorOptions { Engine = SelectorEngine.Epoll }, mode, listening, postsAnswers: true),
            Modes = [ServerMode.OffLoop],
        },
        new()
        {
            Name = "sluice-native",
            Description = "sluice echo --engine epoll, compiled ahead of time",
            Program = mode => [.. PeerPrograms.SluiceNative.Command(), .. EchoArguments("epoll", mode)],
            IsDotNet = false,
        },
        new()
        {
            Name = "sluice-r2r",
            Description = "sluice echo --engine epoll, compiled to ReadyToRun code, as the library is in its package",
            Program = mode => [.. PeerPrograms.SluiceReadyToRun.Command(), .. EchoArguments("epoll", mode)],
        },
        new()
        {
            Name = "sluice-elastic",
            Description = "Sluice, epoll, with its defaults: as many loops as the work needs",
            RunAsync = (mode, listening) => SluiceServer.RunAsync(new SelectorOptions { Engine = SelectorEngine.Epoll }, mode, listening),
            Modes = [ServerMode.Compute],
        },
        SluiceLoops("sluice-1-loop", 1),
        SluiceLoops("sluice-2-loops", 2),
    ];

    private static IEnumerable<Contender> DotNet() =>
    [
        new()
        {
            Name = "sockets",
            Description = "Socket.ReceiveAsync/SendAsync, one send per receive",
            RunAsync = SocketsServer.RunAsync,
            Modes = [.. ContenderModes.EchoAndBulk, ServerMode.Slow, ServerMode.Compute, .. ContenderModes.Datagrams, ServerMode.Broadcast],
        },
        new()
        {
            Name = "sockets-inline",
            Description = "the same, with DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1",
            RunAsync = SocketsServer.RunAsync,
            Modes = [.. ContenderModes.EchoAndBulk, ServerMode.Slow, .. ContenderModes.Datagrams, ServerMode.Broadcast],
            Variables = new Dictionary<string, string> { ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1" },
        },
        new()
        {
            Name = "streams",
            Description = "NetworkStream, with SslStream for TLS; lines with StreamReader, and StreamWriter with AutoFlush",
            RunAsync = StreamsServer.RunAsync,
            Modes = [.. ContenderModes.EchoAndBulk, ServerMode.OffLoop, .. ContenderModes.Tls],
        },
        new()
        {
            Name = "streams-inline",
            Description = "the same, with DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1",
            RunAsync = StreamsServer.RunAsync,
            Modes = ContenderModes.Tls,
            Variables = new Dictionary<string, string> { ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1" },
        },
        new()
        {
            Name = "pipes",
            Description = "PipeReader/PipeWriter.Create(NetworkStream), one flush per read",
            RunAsync = PipesServer.RunAsync,
            Modes = [.. ContenderModes.EchoAndBulk, ServerMode.OffLoop],
        },
        new()
        {
            Name = "kestrel",
            Description = "Kestrel's ConnectionContext, one flush per line",
            RunAsync = KestrelServer.RunAsync,
            Modes = [.. ContenderModes.EchoAndBulk, ServerMode.Slow, ServerMode.Compute, ServerMode.OffLoop],
        },
        new() { Name = "kestrel-batch", Description = "the same, with one flush per read", RunAsync = KestrelServer.RunBatchedAsync, Modes = [ServerMode.Lines] },
        new()
        {
            Name = "pipelines-sockets",
            Description = "Pipelines.Sockets.Unofficial, one flush per read",
            RunAsync = PipelinesSocketsServer.RunAsync,
            Modes = ContenderModes.EchoAndBulk,
        },
        new() { Name = "dotnetty", Description = "DotNetty, one flush per read", RunAsync = DotNettyEcho.RunAsync },
    ];

    private static IEnumerable<Contender> Others() =>
    [
        Peer("c-epoll", "C on epoll, one thread, one send per receive", PeerPrograms.CEpoll, ContenderModes.EchoAndBulk),
        new()
        {
            Name = "c-writev",
            Description = "C on epoll, one thread; each message is written to each connection with a writev",
            Program = _ => [.. PeerPrograms.CBroadcast.Command(), "--each"],
            Modes = [ServerMode.Broadcast],
            IsDotNet = false,
        },
        new()
        {
            Name = "c-batch",
            Description = "the same, with one writev for all messages that a connection lacks",
            Program = _ => PeerPrograms.CBroadcast.Command(),
            Modes = [ServerMode.Broadcast],
            IsDotNet = false,
        },
        Peer("libuv", "C on libuv, one thread, one send per receive", PeerPrograms.LibUv, ContenderModes.EchoAndBulk),
        Peer("tokio", "Rust on Tokio; lines flushed when no more have arrived", PeerPrograms.Tokio, ContenderModes.EchoAndBulk),
        Peer("go", "Go's net; lines flushed when no more have arrived", PeerPrograms.Go, ContenderModes.EchoAndBulk),
        Peer("netty", "Java on Netty's NIO, one flush per read", PeerPrograms.Netty, ContenderModes.Echo),
    ];

    // With the default number of loops, one per processor. The command supports only these modes.
    private static string[]? SluiceEcho(string engine, ServerMode mode) =>
        mode is ServerMode.Raw or ServerMode.Lines ? Commands.Sluice(EchoArguments(engine, mode)) : null;

    private static string[] EchoArguments(string engine, ServerMode mode)
    {
        string[] arguments = ["echo", "127.0.0.1:0", "--quiet", "--engine", engine];
        return mode == ServerMode.Raw ? [.. arguments, "--raw"] : arguments;
    }

    private static Contender SluiceLoops(string name, int count) => new()
    {
        Name = name,
        Description = $"Sluice, epoll, with LoopCount {count} and connections that stay on their loop",
        RunAsync = (mode, listening) => SluiceServer.RunAsync(
            new SelectorOptions { Engine = SelectorEngine.Epoll, LoopCount = count, ElasticLoops = false }, mode, listening),
        Modes = [ServerMode.Raw, ServerMode.Lines, ServerMode.Compute],
    };

    private static Contender Peer(string name, string description, PeerProgram program, IReadOnlyList<ServerMode> modes) =>
        new() { Name = name, Description = description, Program = program.Command, Modes = modes, IsDotNet = false };
}
