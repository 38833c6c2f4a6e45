namespace Sluice.Faults.Attacking;

/// <summary>Something that bad peers do to a server.</summary>
/// <param name="Name">The name in the report and on the command line.</param>
/// <param name="Connections">How many connections are open at a time.</param>
/// <param name="RunAsync">Lives the life of one of them, again and again. It may ask how long to pause.</param>
internal sealed record Attack(string Name, int Connections, Func<AttackPeer, Task> RunAsync)
{
    /// <summary>How often in a second all peers together may do what they do: the load on the machine stays small, and what is measured is the server.</summary>
    public int Rate { get; init; } = 500;

    /// <summary>Whether the process of the peers is stopped (SIGSTOP) once they are connected.</summary>
    public bool IsStopped { get; init; }
}
