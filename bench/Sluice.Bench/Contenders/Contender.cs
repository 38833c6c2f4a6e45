using Sluice.Bench.Running;

namespace Sluice.Bench.Contenders;

/// <summary>A server to be measured, in a process of its own that first prints a line with its port at the end.</summary>
internal sealed class Contender
{
    /// <summary>What the table and the command line call it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is made of, and when it flushes.</summary>
    public required string Description { get; init; }

    /// <summary>
    /// For one that runs in the benchmark's own program: listens at a free port of 127.0.0.1, tells which, and serves until the process ends.
    /// </summary>
    public Func<ServerMode, Action<int>, Task>? RunAsync { get; init; }

    /// <summary>For one that is a program of its own: its command line; null where it is not, in a mode that <see cref="RunAsync"/> is for.</summary>
    public Func<ServerMode, string[]?>? Program { get; init; }

    /// <summary>What it can do.</summary>
    public IReadOnlyList<ServerMode> Modes { get; init; } = ContenderModes.Echo;

    /// <summary>Whether .NET runs it, which can tell what it allocates.</summary>
    public bool IsDotNet { get; init; } = true;

    /// <summary>Variables its process needs.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    public static IReadOnlyList<Contender> All { get; } = ContenderList.Create();

    public bool Does(ServerMode mode) => Modes.Contains(mode);

    /// <summary>The command line that starts it.</summary>
    /// <exception cref="UnmeasurableException">It cannot be run here.</exception>
    public string[] Command(ServerMode mode) => Program?.Invoke(mode) ?? Commands.ThisProgram("serve", Name, $"{mode}");
}
