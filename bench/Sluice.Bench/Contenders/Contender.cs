using Sluice.Bench.Running;

namespace Sluice.Bench.Contenders;

/// <summary>A server to measure. It runs in its own process, which first prints a line that ends with its port.</summary>
internal sealed class Contender
{
    /// <summary>The name in tables and on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>The libraries it uses, and when it flushes.</summary>
    public required string Description { get; init; }

    /// <summary>
    /// For a contender in this program: listens at a free port of 127.0.0.1, reports the port, and serves until the process ends.
    /// </summary>
    public Func<ServerMode, Action<int>, Task>? RunAsync { get; init; }

    /// <summary>For a contender that is a separate program: its command line; null in modes that <see cref="RunAsync"/> handles.</summary>
    public Func<ServerMode, string[]?>? Program { get; init; }

    /// <summary>The modes it supports.</summary>
    public IReadOnlyList<ServerMode> Modes { get; init; } = ContenderModes.Echo;

    /// <summary>Whether it runs on .NET, which reports its allocations.</summary>
    public bool IsDotNet { get; init; } = true;

    /// <summary>Environment variables for its process.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    public static IReadOnlyList<Contender> All { get; } = ContenderList.Create();

    public bool Does(ServerMode mode) => Modes.Contains(mode);

    /// <summary>Returns the command line that starts it.</summary>
    /// <exception cref="UnmeasurableException">It cannot run on this machine.</exception>
    public string[] Command(ServerMode mode) => Program?.Invoke(mode) ?? Commands.ThisProgram("serve", Name, $"{mode}");
}
