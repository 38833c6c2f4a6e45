namespace Sluice.Bench.Contenders;

/// <summary>An echo server to be measured, in a process of its own that first prints a line with its port at the end.</summary>
internal sealed class Contender
{
    /// <summary>What the table and the command line call it.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// For one that runs in the benchmark's own program: listens at a free port of 127.0.0.1, tells which, and echoes until the process ends.
    /// </summary>
    public Func<Action<int>, Task>? RunAsync { get; init; }

    /// <summary>For one that is a program of its own: its command line; null, and why, if it cannot be run here.</summary>
    public Func<(string[]? Command, string? Reason)>? Program { get; init; }

    /// <summary>Variables its process needs.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    public static IReadOnlyList<Contender> All { get; } =
    [
        new() { Name = "sluice-epoll", Program = () => SluiceCommand("epoll") },
        new() { Name = "sluice-portable", Program = () => SluiceCommand("portable") },
        new() { Name = "sluice-pool", RunAsync = SluicePoolEcho.RunAsync },
        new() { Name = "sockets", RunAsync = SocketsEcho.RunAsync },
        new()
        {
            Name = "sockets-inline",
            RunAsync = SocketsEcho.RunAsync,
            Variables = new Dictionary<string, string> { ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1" },
        },
        new() { Name = "c-epoll", Program = PlainCProgram.Build },
    ];

    // What a user runs: sluice echo --raw.
    private static (string[]? Command, string? Reason) SluiceCommand(string engine)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, "Sluice.Cli.dll");
        return (["dotnet", assembly, "echo", "127.0.0.1:0", "--raw", "--quiet", "--loops", "1", "--engine", engine], null);
    }
}
