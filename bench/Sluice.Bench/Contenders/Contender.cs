namespace Sluice.Bench.Contenders;

/// <summary>An echo server to be measured, in a process of its own.</summary>
/// <param name="Name">What the table and the command line call it.</param>
/// <param name="RunAsync">Listens at a free port of 127.0.0.1, tells which, and echoes until the process ends. Null for a program outside .NET.</param>
/// <param name="Environment">Variables its process needs.</param>
internal sealed record Contender(string Name, Func<Action<int>, Task>? RunAsync, params (string Name, string Value)[] Environment)
{
    public const string PlainC = "c-epoll";

    public static IReadOnlyList<Contender> All { get; } =
    [
        new("sluice-epoll", listening => SluiceEcho.RunAsync(new SelectorOptions { Engine = SelectorEngine.Epoll, LoopCount = 1 }, listening)),
        new("sluice-portable", listening => SluiceEcho.RunAsync(new SelectorOptions { Engine = SelectorEngine.Portable }, listening)),
        new("sluice-pool", listening => SluiceEcho.RunAsync(
            new SelectorOptions { Engine = SelectorEngine.Epoll, LoopCount = 1, ContinuationScheduling = ContinuationScheduling.ThreadPool }, listening)),
        new("sockets", SocketsEcho.RunAsync),
        new("sockets-inline", SocketsEcho.RunAsync, ("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1")),
        new(PlainC, RunAsync: null),
    ];
}
