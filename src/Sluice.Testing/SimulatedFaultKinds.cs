namespace Sluice.Testing;

/// <summary>Specifies kinds of faults for <see cref="SimulatedNetwork.ScheduleFaults"/>.</summary>
[Flags]
public enum SimulatedFaultKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Two hosts cannot reach each other for some time.</summary>
    Partition = 1,

    /// <summary>A host cannot reach another for some time, and is reached.</summary>
    OneWayPartition = 2,

    /// <summary>The packets between two hosts wait for some time.</summary>
    Hold = 4,

    /// <summary>The programs of a host stand still for some time.</summary>
    Pause = 8,

    /// <summary>A host is off for some time, and starts anew.</summary>
    Crash = 16,

    /// <summary>All kinds.</summary>
    All = Partition | OneWayPartition | Hold | Pause | Crash,
}
