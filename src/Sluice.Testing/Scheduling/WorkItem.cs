namespace Sluice.Testing.Scheduling;

/// <summary>A piece of work that is ready to run.</summary>
internal readonly struct WorkItem(WorkKind kind, Domain domain, object work, object? state = null)
{
    public WorkKind Kind { get; } = kind;

    /// <summary>Gets the domain whose code, or whose kernel, it is.</summary>
    public Domain Domain { get; } = domain;

    public object Work { get; } = work;

    public object? State { get; } = state;
}
